import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Beat } from './beat.js';
import { judgeBeat } from './judge-beat.rules.js';
import type { Reader } from './reader.js';

const profile = {
  consumerName: 'llama-0',
  consumerGroups: ['primary'],
  modelName: 'llama-3-70b',
  modelType: 'chat',
  device: 'cuda',
  backend: null,
  pids: [41],
  waitInterval: 10,
};

const beat = (over: Partial<Beat> = {}): Beat => ({
  readerId: 'llama-0',
  state: 'ready',
  bootId: 'boot-a',
  seq: 1,
  profile,
  sentAt: null,
  config: null,
  countsFor: 'no-key',
  ...over,
});

const at = (ms: number) => ({ unix: 1_795_000_000_000 + ms, monotonic: ms });

/** Applies heartbeats in order; returns the last state of the reader and all verdicts. */
function play(...beats: Beat[]) {
  let reader: Reader | undefined;
  const verdicts = beats.map((each, index) => {
    const verdict = judgeBeat(reader, each, at(index));
    if (verdict.kind !== 'ignored') reader = verdict.reader;
    return verdict.kind;
  });
  return { reader: reader!, verdicts };
}

describe('judgeBeat', () => {
  it('registers a reader with its first heartbeat', () => {
    expect(play(beat({ state: 'loading' })).reader.state).toBe('loading');
    expect(play(beat()).reader).toMatchObject({ state: 'live', since: at(0), bootId: 'boot-a', seq: 1 });
  });

  it('keeps the configuration that was sent last, until it is stored, whether or not later heartbeats carry one', () => {
    const config = (json: string) => ({ digest: `digest of ${json}`, json });
    const { reader, verdicts } = play(beat({ config: config('1') }), beat({ seq: 2 }));
    expect(reader).toMatchObject({ configDigest: 'digest of 1', unstoredConfig: '1' });
    reader.unstoredConfig = undefined;
    const later = (over: Partial<Beat>) => judgeBeat(reader, beat(over), at(9));
    later({ seq: 3, config: config('1') });
    expect(reader.unstoredConfig).toBeUndefined();
    verdicts.push(later({ seq: 4, config: config('2') }).kind);
    expect(reader).toMatchObject({ configDigest: 'digest of 2', unstoredConfig: '2' });
    expect(verdicts).toEqual(['changed', 'renewed', 'renewed']);
  });

  it('gives the next incarnation no configuration of the previous one', () => {
    const config = { digest: 'd', json: '{}' };
    const known = play(beat({ config })).reader;
    known.unstoredConfig = undefined;
    const next = (over: Partial<Beat>) => {
      const verdict = judgeBeat(known, beat({ bootId: 'boot-b', ...over }), at(1));
      return verdict.kind === 'changed' ? verdict.reader : undefined;
    };
    expect(next({})).toMatchObject({ configDigest: null, unstoredConfig: null });
    expect(next({ config })).toMatchObject({ configDigest: 'd', unstoredConfig: undefined });
  });

  it('reports another backend as a change', () => {
    expect(play(beat(), beat({ seq: 2, profile: { ...profile, backend: 'vllm' } })).verdicts).toEqual([
      'changed',
      'changed',
    ]);
  });

  it('renews a reader without a change when its state and profile are the same', () => {
    const { reader, verdicts } = play(beat(), beat({ seq: 2 }));
    expect(verdicts).toEqual(['changed', 'renewed']);
    expect(reader.receivedAt).toEqual(at(1));
    expect(reader.since).toEqual(at(0));
  });

  it('reports changes of state and of profile', () => {
    const { verdicts, reader } = play(
      beat({ state: 'loading' }),
      beat({ seq: 2 }),
      beat({ seq: 3, profile: { ...profile, pids: [41, 42] } }),
    );
    expect(verdicts).toEqual(['changed', 'changed', 'changed']);
    expect(reader).toMatchObject({ state: 'live', since: at(1), profile: { pids: [41, 42] } });
  });

  it('ignores a heartbeat that is not newer within an incarnation', () => {
    const { reader, verdicts } = play(
      beat({ seq: 5 }),
      beat({ seq: 5, state: 'loading' }),
      beat({ seq: 4, profile: { ...profile, device: 'cpu' } }),
    );
    expect(verdicts).toEqual(['changed', 'ignored', 'ignored']);
    expect(reader).toMatchObject({ state: 'live', seq: 5, receivedAt: at(0), profile });
  });

  it('applies a deregistration that was overtaken: its incarnation has ended', () => {
    const { reader, verdicts } = play(
      beat({ seq: 5 }),
      beat({ seq: 5, state: 'stopping' }),
      beat({ seq: 4, state: 'stopping' }),
      beat({ seq: 6 }),
      beat({ seq: 4, state: 'stopping' }),
    );
    expect(verdicts).toEqual(['changed', 'ignored', 'changed', 'ignored', 'ignored']);
    expect(reader).toMatchObject({ state: 'gone', bootId: 'boot-a' });
  });

  it('remembers the last deregistration, however many of unknown incarnations follow', () => {
    const unknown = Array.from({ length: 40 }, (_, at) => beat({ bootId: `unknown-${at}`, state: 'stopping' }));
    const { reader, verdicts } = play(beat(), beat({ seq: 2, state: 'stopping' }), ...unknown, beat({ seq: 3 }));
    expect(verdicts.at(-1)).toBe('ignored');
    expect(reader.state).toBe('gone');
    expect(reader.endedBoots).toHaveLength(16);
  });

  it('replaces an incarnation by any other, and ignores the replaced one from then on', () => {
    const { reader, verdicts } = play(
      beat({ bootId: 'z', seq: 900 }),
      beat({ bootId: 'a', seq: 0 }),
      beat({ bootId: 'z', seq: 901 }),
    );
    expect(verdicts).toEqual(['changed', 'changed', 'ignored']);
    expect(reader).toMatchObject({ bootId: 'a', seq: 0, endedBoots: ['z'] });
  });

  it('applies a deregistration to its own incarnation only', () => {
    const { reader, verdicts } = play(
      beat({ bootId: 'new' }),
      beat({ bootId: 'old', state: 'stopping', seq: 99 }),
      beat({ bootId: 'old', seq: 100 }),
    );
    expect(verdicts).toEqual(['changed', 'ignored', 'ignored']);
    expect(reader).toMatchObject({ state: 'live', bootId: 'new' });
  });

  it('ignores late heartbeats after a deregistration, and accepts a new incarnation', () => {
    const { reader, verdicts } = play(
      beat(),
      beat({ state: 'stopping', seq: 9 }),
      beat({ seq: 8 }),
      beat({ seq: 10 }),
      beat({ bootId: 'boot-b', seq: 0, state: 'loading' }),
    );
    expect(verdicts).toEqual(['changed', 'changed', 'ignored', 'ignored', 'changed']);
    expect(reader).toMatchObject({ state: 'loading', bootId: 'boot-b' });
  });

  it('remembers the deregistration of an unknown reader', () => {
    expect(play(beat({ state: 'stopping', seq: 9 }), beat({ seq: 8 })).verdicts).toEqual(['changed', 'ignored']);
  });

  it('uses the order of arrival without a boot id', () => {
    const { reader, verdicts } = play(
      beat({ bootId: null, seq: 7 }),
      beat({ bootId: null, seq: 1, state: 'stopping' }),
      beat({ bootId: null, seq: null }),
    );
    expect(verdicts).toEqual(['changed', 'changed', 'changed']);
    expect(reader.state).toBe('live');
  });

  it('makes a dead reader live with its next heartbeat', () => {
    const dead = { ...play(beat()).reader, state: 'dead' as const };
    expect(judgeBeat(dead, beat({ seq: 2 }), at(50))).toMatchObject({
      kind: 'changed',
      reader: { state: 'live', since: at(50) },
    });
  });

  it('ends in the same reader for any order and any duplicates of the heartbeats of one incarnation', () => {
    const states = fc.array(fc.constantFrom('loading' as const, 'ready' as const), { minLength: 1, maxLength: 12 });
    const trace = states.chain((list) => {
      const beats = list.map((state, seq) => beat({ state, seq }));
      const extra = fc.array(fc.constantFrom(...beats), { maxLength: 20 });
      return fc.tuple(
        fc.constant(beats),
        extra.chain((more) => fc.shuffledSubarray([...beats, ...more], { minLength: beats.length + more.length })),
      );
    });
    fc.assert(
      fc.property(trace, ([beats, shuffled]) => {
        const { reader } = play(...shuffled);
        const newest = beats.at(-1)!;
        expect(reader.seq).toBe(newest.seq);
        expect(reader.state).toBe(newest.state === 'ready' ? 'live' : 'loading');
      }),
      { numRuns: 500 },
    );
  });
});
