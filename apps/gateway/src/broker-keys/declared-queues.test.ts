import { collectLogs, FakeClock } from '@signalbox/testing';
import { describe, expect, it } from 'vitest';
import { DeclaredQueues } from './declared-queues.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

describe('the queues that a key declares', () => {
  it('are 10,000 at most, until older ones are not used for a week', () => {
    const clock = new FakeClock();
    const logs = collectLogs();
    const queues = new DeclaredQueues(clock, logs.logger);
    for (let at = 0; at < 10_000; at++) expect(queues.admit('key_a', `q${at}`)).toBe(true);
    expect(queues.admit('key_a', 'one more')).toBe(false);
    expect(queues.admit('key_a', 'q0')).toBe(true);
    expect(queues.admit('key_b', 'one more')).toBe(true);
    clock.advance(3 * DAY_MS);
    expect(queues.admit('key_a', 'q1')).toBe(true);
    expect(queues.admit('key_a', 'one more')).toBe(false);
    clock.advance(5 * DAY_MS);
    expect(queues.admit('key_a', 'one more')).toBe(true);
    expect(queues.admit('key_a', 'q1')).toBe(true);
  });
});
