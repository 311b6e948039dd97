import assert from 'node:assert/strict';
import type { ReplicaEffect, ResyncReason } from '../../src/core/replica/replica-effect.js';
import type { ReplicaInput } from '../../src/core/replica/replica-input.js';
import type { ReplicaState } from '../../src/core/replica/replica-state.js';
import type { StreamOwner } from '../../src/core/stream-owner.js';
import { Shown } from './shown.js';

interface Moment {
  content: ReadonlyMap<string, number>;
  digest: string;
}

/** An input without its time. */
export type GivenInput<I = ReplicaInput> = I extends unknown ? Omit<I, 'at' | 'maxEpoch'> : never;

interface Step {
  before: Pick<ReplicaState, 'epoch' | 'seq' | 'revision' | 'phase' | 'highestEpoch'>;
  input: GivenInput;
  state: ReplicaState;
  effects: readonly ReplicaEffect[];
}

/** The content of every owner at every seq, which is what a replica may show. */
export class Chronicle {
  /** The number of inputs given to replicas. */
  steps = 0;
  readonly reasons = new Set<ResyncReason>();
  private readonly moments = new Map<string, Moment>();
  private runner = new Shown();
  private trusted = true;

  /** What the present replica shows. */
  get shown(): ReadonlyMap<string, unknown> {
    return this.runner.content;
  }

  record(owner: StreamOwner<number>): void {
    const moment = { content: new Map(owner.entries()), digest: owner.beacon().digest };
    this.moments.set(`${owner.epoch}/${owner.seq}`, moment);
  }

  /** A mangled delta was delivered: contents are not compared until none of it can be left. */
  distrust(): void {
    this.trusted = false;
  }

  newReplica(): void {
    this.runner = new Shown();
    this.trusted = true;
  }

  /** The content of an owner some deltas ago. */
  backup(epoch: number, ago: number): { seq: number; entries: [string, number][] } {
    const seqs = [...this.moments.keys()]
      .filter((at) => at.startsWith(`${epoch}/`))
      .map((at) => Number(at.split('/')[1]));
    const seq = seqs.at(-1 - (ago % seqs.length)) ?? 0;
    return { seq, entries: [...(this.moments.get(`${epoch}/${seq}`)?.content ?? [])] };
  }

  check({ before, input, state, effects }: Step): void {
    this.steps += 1;
    if (isOutdated(before, input)) assert.deepEqual(effects, [], 'an outdated message had an effect');
    let visible = 0;
    for (const effect of effects) {
      if (effect.type === 'resync') this.reasons.add(effect.reason);
      this.runner.perform(effect);
      if (effect.type === 'reset' && this.isCleanOf(state)) this.trusted = true;
      if (effect.type === 'reset' || effect.type === 'changed') visible += 1;
    }
    // Never an earlier state after a later one; the revision counts each visible change and nothing else.
    assert(state.epoch > before.epoch || (state.epoch === before.epoch && state.seq >= before.seq), 'went back');
    assert.equal(state.revision, before.revision + visible);
    const { shown } = this;
    assert.deepEqual(new Set(shown.keys()), new Set(state.versions.keys()), 'the effects give another content');
    if (!state.hadSnapshot) assert.equal(shown.size, 0);
    else if (this.trusted) this.checkContent(state, shown);
  }

  private checkContent(state: ReplicaState, shown: ReadonlyMap<string, unknown>): void {
    const moment = this.moments.get(`${state.epoch}/${state.seq}`);
    assert.deepEqual(shown, moment?.content, 'no owner was ever in this state');
    assert.equal(state.digest.toString(), moment?.digest);
  }

  /**
   * Whether no mangled delta is left. One may have been applied to the snapshot: the digest shows it, here as in the
   * replica. One may still be buffered if the snapshot was shown over a gap: only a live replica has no buffer.
   */
  private isCleanOf(state: ReplicaState): boolean {
    const moment = this.moments.get(`${state.epoch}/${state.seq}`);
    return state.phase === 'live' && moment?.digest === state.digest.toString();
  }
}

/** A message of an owner that was replaced, or a delta that is in the content already. */
function isOutdated(before: Step['before'], input: GivenInput): boolean {
  if (input.type !== 'delta' && input.type !== 'beacon') return false;
  const { epoch, seq } = input.type === 'delta' ? input.delta : input.beacon;
  if (epoch < before.highestEpoch) return true;
  return input.type === 'delta' && before.phase === 'live' && epoch === before.epoch && seq <= before.seq;
}
