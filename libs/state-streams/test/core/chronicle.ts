import assert from 'node:assert/strict';
import type { ReplicaEffect, ResyncReason } from '../../src/core/replica/replica-effect.js';
import type { ReplicaInput } from '../../src/core/replica/replica-input.js';
import type { ReplicaState } from '../../src/core/replica/replica-state.js';
import type { StreamOwner } from '../../src/core/stream-owner.js';

interface Moment {
  content: ReadonlyMap<string, number>;
  digest: string;
}

/** An input before its time is known. */
export type Told<I = ReplicaInput> = I extends unknown ? Omit<I, 'at'> : never;

interface Step {
  before: Pick<ReplicaState, 'epoch' | 'seq' | 'revision' | 'phase' | 'highestEpoch'>;
  input: Told;
  state: ReplicaState;
  effects: readonly ReplicaEffect[];
}

/** What every owner's content was at every seq, and what a replica may therefore show. */
export class Chronicle {
  /** Inputs the replicas were given. */
  steps = 0;
  readonly reasons = new Set<ResyncReason>();
  private readonly moments = new Map<string, Moment>();
  /** What somebody who follows only the effects believes. */
  private mirror = new Map<string, unknown>();
  private trusted = true;

  record(owner: StreamOwner<number>): void {
    const moment = { content: new Map(owner.entries()), digest: owner.beacon().digest };
    this.moments.set(`${owner.epoch}/${owner.seq}`, moment);
  }

  /** A mangled delta was delivered: contents are not compared until nothing of it can be left. */
  distrust(): void {
    this.trusted = false;
  }

  newReplica(): void {
    this.mirror = new Map();
    this.trusted = true;
  }

  /** The content an owner had some deltas ago. */
  backup(epoch: number, ago: number): { seq: number; entries: [string, number][] } {
    const seqs = [...this.moments.keys()]
      .filter((at) => at.startsWith(`${epoch}/`))
      .map((at) => Number(at.split('/')[1]));
    const seq = seqs.at(-1 - (ago % seqs.length)) ?? 0;
    return { seq, entries: [...(this.moments.get(`${epoch}/${seq}`)?.content ?? [])] };
  }

  check({ before, input, state, effects }: Step): void {
    this.steps += 1;
    if (saysNothingNew(before, input)) assert.deepEqual(effects, [], 'an old message had an effect');
    let visible = 0;
    for (const effect of effects) {
      if (effect.type === 'resync') this.reasons.add(effect.reason);
      if (effect.type === 'reset') this.mirror = shownIn(state);
      if (effect.type === 'reset' && this.isCleanOf(state)) this.trusted = true;
      if (effect.type === 'changed') for (const { key, value } of effect.changes) this.mirrorChange(key, value);
      if (effect.type === 'reset' || effect.type === 'changed') visible += 1;
    }
    // Never older after newer; revisions tell of each visible change and of nothing else.
    assert(state.epoch > before.epoch || (state.epoch === before.epoch && state.seq >= before.seq), 'went back');
    assert.equal(state.revision, before.revision + visible);
    const shown = shownIn(state);
    assert.deepEqual(shown, this.mirror, 'the effects tell another story');
    if (!state.hadSnapshot) assert.equal(shown.size, 0);
    else if (this.trusted) this.checkContent(state, shown);
  }

  private checkContent(state: ReplicaState, shown: ReadonlyMap<string, unknown>): void {
    const moment = this.moments.get(`${state.epoch}/${state.seq}`);
    assert.deepEqual(shown, moment?.content, 'no owner was ever in this state');
    assert.equal(state.digest.toString(), moment?.digest);
  }

  private mirrorChange(key: string, value: unknown): void {
    if (value === null) this.mirror.delete(key);
    else this.mirror.set(key, value);
  }

  /**
   * Whether no mangled delta is left. One may have been put on top of the snapshot: the digest tells, as it tells the
   * replica. One may still be buffered if the snapshot was shown over a gap: only a live replica has no buffer.
   */
  private isCleanOf(state: ReplicaState): boolean {
    const moment = this.moments.get(`${state.epoch}/${state.seq}`);
    return state.phase === 'live' && moment?.digest === state.digest.toString();
  }
}

/** A message of an owner that was replaced, or a delta that is in the content already. */
function saysNothingNew(before: Step['before'], input: Told): boolean {
  if (input.type !== 'delta' && input.type !== 'beacon') return false;
  const { epoch, seq } = input.type === 'delta' ? input.delta : input.beacon;
  if (epoch < before.highestEpoch) return true;
  return input.type === 'delta' && before.phase === 'live' && epoch === before.epoch && seq <= before.seq;
}

function shownIn(state: ReplicaState): Map<string, unknown> {
  return new Map([...state.entries.values()].map(({ key, value }) => [key, value]));
}
