import type { RestartEntry, RestartState } from '@signalbox/contracts/streams';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOver, restartOf, withLife, withRefusal, withStep } from './restart.js';

const sent = restartOf(
  {
    restart_id: 'restart-000000000000000000000000',
    dataplane: 'main',
    boot_id: 'a',
    drain_seconds: 30,
    requested_at: 100,
    expires_at: 10_000,
    reason: null,
    by: { key_id: null, request_id: 'r', address: '127.0.0.1' },
  },
  'sent',
);
const after = (restart: RestartEntry, ...steps: [RestartState, number][]): RestartEntry =>
  steps.reduce((now, [state, at]) => withStep(now, state, at) ?? now, restart);
const states = ({ timeline }: RestartEntry): string[] => timeline.map(({ state }) => state);

describe('a restart', () => {
  it('goes its way', () => {
    const down = after(sent, ['acknowledged', 200], ['draining', 210], ['down', 300]);
    const up = withLife(down, { boot_id: 'b', isHealthy: false }, 400);
    const healthy = withLife(up ?? down, { boot_id: 'b', isHealthy: true }, 500);
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

  it('is up and healthy at once where the new life is first heard of when it is', () => {
    expect(states(withLife(after(sent, ['acknowledged', 200]), { boot_id: 'b', isHealthy: true }, 400)!)).toEqual([
      'sent',
      'acknowledged',
      'up',
      'healthy',
    ]);
  });

  it('is not what brought another life where nobody obeyed it', () => {
    expect(withLife(sent, { boot_id: 'b', isHealthy: true }, 400)).toBeUndefined();
    expect(withStep(sent, 'expired', 500)).toMatchObject({ state: 'expired' });
  });

  it('takes what comes late into its timeline, in its place', () => {
    const healthy = withLife(after(sent, ['acknowledged', 200]), { boot_id: 'b', isHealthy: true }, 400)!;
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

  it('shows no step before the one before it, whatever a clock says', () => {
    expect(withStep(sent, 'acknowledged', 5)?.timeline.at(-1)).toEqual({ state: 'acknowledged', at: 100 });
  });

  it('ends when the life that acknowledged it says that it was too late, and not when it went on', () => {
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

  it('that has ended ends in no other way', () => {
    const expired = after(sent, ['expired', 300]);
    expect(withStep(expired, 'timed_out', 400)).toBeUndefined();
    expect(withStep(expired, 'healthy', 400)).toBeUndefined();
    expect(withLife(expired, { boot_id: 'b', isHealthy: true }, 400)).toBeUndefined();
  });

  it('is the same whatever order things are heard in, and how often', () => {
    const told: [RestartState, number][] = [
      // Of a copy that the next life got.
      ['expired', 350],
      ['acknowledged', 200],
      ['draining', 210],
      ['down', 300],
    ];
    const seen = [
      { boot_id: 'b', isHealthy: false },
      { boot_id: 'b', isHealthy: true },
    ];
    const hear = (restart: RestartEntry, heard: (typeof told)[number] | (typeof seen)[number]): RestartEntry =>
      (Array.isArray(heard) ? withStep(restart, ...heard) : withLife(restart, heard, 400)) ?? restart;
    fc.assert(
      fc.property(fc.shuffledSubarray([...told, ...told, ...seen, ...seen], { minLength: 12 }), (heard) => {
        // A life is heard again and again; what was told comes once or twice.
        const end = hear(heard.reduce(hear, sent), { boot_id: 'b', isHealthy: true });
        expect(end).toMatchObject({ state: 'healthy', new_boot_id: 'b' });
        expect(states(end)).toEqual(['sent', 'acknowledged', 'draining', 'down', 'up', 'healthy']);
        expect(isOver(end)).toBe(true);
      }),
      { numRuns: Number(process.env['FC_RUNS'] ?? 1_000) },
    );
  });
});
