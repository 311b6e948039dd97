import { describe, expect, it } from 'vitest';
import type { Beat } from './beat.js';
import { ReaderTable } from './reader-table.rules.js';

const settings = { heartbeatCheckInterval: 1, missedBeats: 3, readerMessageTimeoutMs: 500, retentionMs: 60_000 };
const at = (ms: number) => ({ unix: 1_795_000_000_000 + ms, monotonic: ms });
const profile = {
  consumerName: 'a',
  consumerGroups: [],
  modelName: 'm',
  modelType: 'chat',
  device: 'cpu',
  backend: null,
  pids: [],
  waitInterval: 2,
};

/** What happens to a reader: heartbeats at their times, and the passing of time. */
function history(...events: [ms: number, over: Partial<Beat> | 'time'][]): string[] {
  const table = new ReaderTable(settings, 0);
  return events.flatMap(([ms, over]) => {
    if (over === 'time') table.expire(at(ms));
    else {
      const beat: Beat = {
        readerId: 'a',
        state: 'ready',
        bootId: null,
        seq: null,
        profile,
        sentAt: null,
        config: null,
        countsFor: 'no-key',
        ...over,
      };
      table.record(beat, at(ms));
    }
    return table
      .takeTransitions()
      .map(({ from, to, why, silentMs, bootId }) => [`${from} → ${to}`, why, silentMs, bootId].join(' '));
  });
}

describe('the history of a reader', () => {
  it('has its first heartbeat, what it reports of itself, and no heartbeat that changes nothing', () => {
    expect(history([0, { state: 'loading' }], [500, { state: 'loading' }], [1_000, {}], [2_000, {}])).toEqual([
      'null → loading first_heartbeat  ',
      'loading → live state_reported 500 ',
    ]);
  });

  it('has no change of what describes the reader', () => {
    expect(history([0, {}], [1_000, { profile: { ...profile, device: 'cuda' } }])).toHaveLength(1);
  });

  it('has its death with how long it was silent, its return, and that it was forgotten', () => {
    expect(history([0, {}], [6_500, 'time'], [9_000, {}], [20_000, 'time'], [90_000, 'time'])).toEqual([
      'null → live first_heartbeat  ',
      'live → dead missed_heartbeats 6500 ',
      'dead → live heartbeat_after_silence 9000 ',
      'live → dead missed_heartbeats 11000 ',
      'dead → null forgotten 81000 ',
    ]);
  });

  it('has each incarnation, also where the state stays, and deregistrations', () => {
    expect(
      history(
        [0, { bootId: 'x' }],
        [1_000, { bootId: 'y' }],
        [2_000, { bootId: 'y', state: 'stopping' }],
        [3_000, { bootId: 'z' }],
      ),
    ).toEqual([
      'null → live first_heartbeat  x',
      'live → live next_incarnation 1000 y',
      'live → gone deregistered 1000 y',
      'gone → live next_incarnation 1000 z',
    ]);
    expect(history([0, {}], [1_000, { state: 'stopping' }], [2_000, {}]).at(-1)).toBe(
      'gone → live heartbeat_after_deregistration 1000 ',
    );
  });

  it('numbers its steps in order', () => {
    const table = new ReaderTable(settings, 0);
    for (const readerId of ['a', 'b', 'c'])
      table.record(
        { readerId, state: 'ready', bootId: null, seq: null, profile, sentAt: null, config: null, countsFor: 'no-key' },
        at(0),
      );
    const step = table.forgetting(table.get('a')!, at(5));
    expect(table.takeTransitions().map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(step).toMatchObject({ number: 4, from: 'live', to: null, why: 'forgotten_on_request' });
    expect(table.takeTransitions()).toEqual([]);
  });
});
