import { eventually } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Registry } from '../support/registry.js';
import type { System } from '../support/system.js';

const WRITES = 100;

/** A write that was answered 2xx is stored, a refused one is not, and an unknown outcome is reported as unknown, whichever process stops. */
describe('a hundred writes under way', () => {
  let system: System;
  let registry: Registry;

  beforeEach(async () => {
    registry = await Registry.withGateway();
    ({ system } = registry);
    await registry.start({ config: {} });
    await registry.serving();
  });
  afterEach(() => registry.close());

  type Outcome = 'done' | 'refused' | 'unknown';

  /** Sends all at once, calls `interrupt` when some have been answered, and returns the answer to each. */
  const writeAndInterrupt = async (interrupt: () => Promise<unknown>): Promise<Map<string, Outcome>> => {
    const outcomes = new Map<string, Outcome>();
    const writes = Array.from({ length: WRITES }, async (_, index) => {
      const name = `written-${index}`;
      const outcome = await system
        .send('POST', '/api/v0/projects', { name, connections: [{ name: 'c', type: 'duckdb' }] })
        .then(
          async (response): Promise<Outcome> => {
            await response.text();
            if (response.ok) return 'done';
            return response.status === 504 ? 'unknown' : 'refused';
          },
          // The connection was lost before the answer.
          (): Outcome => 'unknown',
        );
      outcomes.set(name, outcome);
    });
    await eventually(() => outcomes.size > 5);
    await Promise.all([interrupt(), ...writes]);
    return outcomes;
  };

  /** How many were done, and which answers are wrong. */
  const judge = async (
    outcomes: Map<string, Outcome>,
  ): Promise<{ done: number; wrong: unknown[]; inPart: string[] }> => {
    const { projects } = await registry.serving();
    const there = new Map(projects.map((project) => [project.name, project.connections.length]));
    const wrong = [...outcomes].filter(
      ([name, outcome]) => (outcome === 'done' && there.get(name) !== 1) || (outcome === 'refused' && there.has(name)),
    );
    const inPart = [...there].filter(([, connections]) => connections !== 1).map(([name]) => name);
    return { done: [...outcomes.values()].filter((outcome) => outcome === 'done').length, wrong, inPart };
  };

  it.each([
    ['SIGTERM', () => system.service('registry').stop()],
    ['SIGKILL', () => system.kill('registry')],
  ])(
    'when the registry gets %s, and comes back',
    async (_signal, interrupt) => {
      const outcomes = await writeAndInterrupt(async () => {
        await interrupt();
        await registry.start();
      });
      expect(await judge(outcomes)).toEqual({ done: expect.any(Number) as unknown, wrong: [], inPart: [] });
      expect((await judge(outcomes)).done).toBeGreaterThan(0);
    },
    120_000,
  );

  it('when the gateway gets SIGTERM', async () => {
    const outcomes = await writeAndInterrupt(() => system.service('gateway').stop());
    await system.startGateway();
    expect(await judge(outcomes)).toEqual({ done: expect.any(Number) as unknown, wrong: [], inPart: [] });
    expect((await judge(outcomes)).done).toBeGreaterThan(0);
  }, 120_000);
});
