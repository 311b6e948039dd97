import { describe, expect, it } from 'vitest';
import { clockSkew, lastBeats, noBeats, noteBeat } from './recent-beats.rules.js';

const after = (...beats: [received: number, sent: number | null][]) => {
  const recent = noBeats();
  for (const [received, sent] of beats) noteBeat(recent, received, sent);
  return recent;
};

describe('the recent heartbeats of a reader', () => {
  it('are the last five, the newest first', () => {
    expect(lastBeats(noBeats())).toEqual([]);
    expect(lastBeats(after([1, null], [2, 7]))).toEqual([
      { receivedAt: 2, sentAt: 7 },
      { receivedAt: 1, sentAt: null },
    ]);
    const seven = after(...Array.from({ length: 7 }, (_, at): [number, null] => [at, null]));
    expect(lastBeats(seven).map(({ receivedAt }) => receivedAt)).toEqual([6, 5, 4, 3, 2]);
  });

  it('give the skew of the sender by their median, which one late heartbeat does not move', () => {
    expect(clockSkew(after([1_000, 1_500], [2_000, 2_500], [9_000, 3_500]))).toBe(500);
    expect(clockSkew(after([1_000, 400], [2_000, 1_402]))).toBe(-600);
    expect(clockSkew(after([1_000, null], [2_000, 1_990]))).toBe(-10);
  });

  it('give no skew where the sender does not say when it sent them', () => {
    expect(clockSkew(noBeats())).toBeNull();
    expect(clockSkew(after([1_000, null]))).toBeNull();
  });
});
