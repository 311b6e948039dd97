import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Beat } from './beat.js';
import { judgeBeat } from './judge-beat.js';
import type { Reader } from './reader.js';

const profile = {
  consumerName: 'llama-0',
  consumerGroups: ['primary'],
  modelName: 'llama-3-70b',
  modelType: 'chat',
  device: 'cuda',
  pids: [41],
  waitInterval: 10,
};

const beat = (over: Partial<Beat> = {}): Beat => ({
  readerId: 'llama-0',
  state: 'ready',
  bootId: 'boot-a',
  seq: 1,
  profile,
  ...over,
});

const at = (ms: number) => ({ unix: 1_795_000_000_000 + ms, monotonic: ms });

/** Applies beats one after the other; returns the reader at the end and the verdicts on the way. */
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
  it('shows a reader from its first beat on', () => {
    expect(play(beat({ state: 'loading' })).reader.state).toBe('loading');
    expect(play(beat()).reader).toMatchObject({ state: 'live', since: at(0), bootId: 'boot-a', seq: 1 });
  });

  it('renews without a change when nothing that is shown changed', () => {
    const { reader, verdicts } = play(beat(), beat({ seq: 2 }));
    expect(verdicts).toEqual(['changed', 'renewed']);
    expect(reader.heard).toEqual(at(1));
    expect(reader.since).toEqual(at(0));
  });

  it('tells a change of state and of profile', () => {
    const { verdicts, reader } = play(
      beat({ state: 'loading' }),
      beat({ seq: 2 }),
      beat({ seq: 3, profile: { ...profile, pids: [41, 42] } }),
    );
    expect(verdicts).toEqual(['changed', 'changed', 'changed']);
    expect(reader).toMatchObject({ state: 'live', since: at(1), profile: { pids: [41, 42] } });
  });

  it('ignores what is not newer within an incarnation', () => {
    const { reader, verdicts } = play(
      beat({ seq: 5 }),
      beat({ seq: 5, state: 'stopping' }),
      beat({ seq: 4, state: 'loading' }),
    );
    expect(verdicts).toEqual(['changed', 'ignored', 'ignored']);
    expect(reader).toMatchObject({ state: 'live', seq: 5, heard: at(0) });
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

  it('takes a goodbye for its own incarnation only', () => {
    const { reader, verdicts } = play(
      beat({ bootId: 'new' }),
      beat({ bootId: 'old', state: 'stopping', seq: 99 }),
      beat({ bootId: 'old', seq: 100 }),
    );
    expect(verdicts).toEqual(['changed', 'ignored', 'ignored']);
    expect(reader).toMatchObject({ state: 'live', bootId: 'new' });
  });

  it('lets no late beat bring a reader back after its goodbye, but a new life does', () => {
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

  it('remembers the goodbye of a reader it never saw', () => {
    expect(play(beat({ state: 'stopping', seq: 9 }), beat({ seq: 8 })).verdicts).toEqual(['changed', 'ignored']);
  });

  it('goes by the order of arrival without a boot id', () => {
    const { reader, verdicts } = play(
      beat({ bootId: null, seq: 7 }),
      beat({ bootId: null, seq: 1, state: 'stopping' }),
      beat({ bootId: null, seq: null }),
    );
    expect(verdicts).toEqual(['changed', 'changed', 'changed']);
    expect(reader.state).toBe('live');
  });

  it('brings a reader that was called dead back with its next beat', () => {
    const dead = { ...play(beat()).reader, state: 'dead' as const };
    expect(judgeBeat(dead, beat({ seq: 2 }), at(50))).toMatchObject({
      kind: 'changed',
      reader: { state: 'live', since: at(50) },
    });
  });

  it('ends in the same reader whatever duplicates of one incarnation arrive, in whatever order', () => {
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
