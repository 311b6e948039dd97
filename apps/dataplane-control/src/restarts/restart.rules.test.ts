import { askedBy } from '@signalbox/contracts/messages';
import type { RestartEntry, RestartState } from '@signalbox/contracts/streams';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOver, restartOf, withIncarnation, withRefusal, withStep } from './restart.rules.js';

const sent = restartOf(
  {
    restart_id: 'restart-000000000000000000000000',
    dataplane: 'main',
    boot_id: 'a',
    drain_seconds: 30,
    requested_at: 100,
    expires_at: 10_000,
    reason: null,
    by: askedBy.parse({ key_id: null, request_id: 'r', address: '127.0.0.1' }),
  },
  'sent',
);
const after = (restart: RestartEntry, ...steps: [RestartState, number][]): RestartEntry =>
  steps.reduce((now, [state, at]) => withStep(now, state, at) ?? now, restart);
const states = ({ timeline }: RestartEntry): string[] => timeline.map(({ state }) => state);

describe('a restart', () => {
  it('passes all steps', () => {
    const down = after(sent, ['acknowledged', 200], ['draining', 210], ['down', 300]);
    const up = withIncarnation(down, { boot_id: 'b', isHealthy: false }, 400);
    const healthy = withIncarnation(up ?? down, { boot_id: 'b', isHealthy: true }, 500);
    expect(healthy).toMatchObject({ state: 'healthy', new_boot_id: 'b' });
    expect(healthy?.timeline).toEqual([
      { state: 'sent', at: 100 },
      { state: 'acknowledged', at: 200 },
      { state: 'draining', at: 210 },
      { state: 'down', at: 300 },
      { state: 'up', at: 400 },
      { state: 'healthy', at: 500 },
    ]);
  });

  it('is up and healthy at once where the first report of the next incarnation is healthy', () => {
    expect(
      states(withIncarnation(after(sent, ['acknowledged', 200]), { boot_id: 'b', isHealthy: true }, 400)!),
    ).toEqual(['sent', 'acknowledged', 'up', 'healthy']);
  });

  it('does not end by another incarnation where none has executed it', () => {
    expect(withIncarnation(sent, { boot_id: 'b', isHealthy: true }, 400)).toBeUndefined();
    expect(withStep(sent, 'expired', 500)).toMatchObject({ state: 'expired' });
  });

  it('puts a late step into its place in the timeline', () => {
    const healthy = withIncarnation(after(sent, ['acknowledged', 200]), { boot_id: 'b', isHealthy: true }, 400)!;
    const late = withStep(healthy, 'down', 450);
    expect(late).toMatchObject({ state: 'healthy' });
    expect(late?.timeline).toEqual([
      { state: 'sent', at: 100 },
      { state: 'acknowledged', at: 200 },
      { state: 'down', at: 400 },
      { state: 'up', at: 400 },
      { state: 'healthy', at: 400 },
    ]);
  });

  it('shows no step before the step before it, whatever the clock of the agent', () => {
    expect(withStep(sent, 'acknowledged', 5)?.timeline.at(-1)).toEqual({ state: 'acknowledged', at: 100 });
  });

  it('expires when the incarnation that acknowledged it reports that, and not once it has drained', () => {
    const acknowledged = after(sent, ['acknowledged', 200]);
    expect(withRefusal(acknowledged, 300)).toMatchObject({
      state: 'expired',
      timeline: [
        { state: 'sent', at: 100 },
        { state: 'acknowledged', at: 200 },
        { state: 'expired', at: 300 },
      ],
    });
    expect(withRefusal(after(acknowledged, ['draining', 210]), 300)).toBeUndefined();
  });

  it('has one end', () => {
    const expired = after(sent, ['expired', 300]);
    expect(withStep(expired, 'timed_out', 400)).toBeUndefined();
    expect(withStep(expired, 'healthy', 400)).toBeUndefined();
    expect(withIncarnation(expired, { boot_id: 'b', isHealthy: true }, 400)).toBeUndefined();
  });

  it('is the same in whatever order and how often messages arrive', () => {
    const events: [RestartState, number][] = [
      // Of a redelivery to the next incarnation.
      ['expired', 350],
      ['acknowledged', 200],
      ['draining', 210],
      ['down', 300],
    ];
    const reports = [
      { boot_id: 'b', isHealthy: false },
      { boot_id: 'b', isHealthy: true },
    ];
    const receive = (
      restart: RestartEntry,
      message: (typeof events)[number] | (typeof reports)[number],
    ): RestartEntry =>
      (Array.isArray(message) ? withStep(restart, ...message) : withIncarnation(restart, message, 400)) ?? restart;
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...events, ...events, ...reports, ...reports], { minLength: 12 }),
        (messages) => {
          // Reports repeat; events arrive once or twice.
          const end = receive(messages.reduce(receive, sent), { boot_id: 'b', isHealthy: true });
          expect(end).toMatchObject({ state: 'healthy', new_boot_id: 'b' });
          expect(states(end)).toEqual(['sent', 'acknowledged', 'draining', 'down', 'up', 'healthy']);
          expect(isOver(end)).toBe(true);
        },
      ),
      { numRuns: Number(process.env['FC_RUNS'] ?? 1_000) },
    );
  });
});
