import type { TransitionReason } from '@signalbox/contracts/messages';
import type { Instant } from './instant.js';
import type { Reader, ReaderState } from './reader.js';
import type { Before, Transition } from './transition.js';

/** Collects the transitions of readers until they are taken to be written. */
export class Transitions {
  private made = 0;
  private pending: Transition[] = [];

  /** Those since the last call, in order. */
  take(): Transition[] {
    const taken = this.pending;
    this.pending = [];
    return taken;
  }

  /** A heartbeat changed a reader. Not each change is a transition. @param isNext it is of another incarnation than the one before */
  byHeartbeat(
    reader: Reader,
    { before, isNext, at }: { before: Before | undefined; isNext: boolean; at: Instant },
  ): void {
    if (before !== undefined && !isNext && before.state === reader.state) return;
    this.add(reader, { before, to: reader.state, why: reasonOf(before?.state, reader.state, isNext), at });
  }

  died(reader: Reader, { before, at }: { before: Before; at: Instant }): void {
    this.add(reader, { before, to: 'dead', why: 'missed_heartbeats', at });
  }

  forgotten(reader: Reader, at: Instant): void {
    this.pending.push(this.forgetting(reader, { why: 'forgotten', at }));
  }

  /** One that is not collected: who asks for it writes it. */
  forgetting(reader: Reader, { why, at }: { why: TransitionReason; at: Instant }): Transition {
    const before = { state: reader.state, receivedAt: reader.receivedAt.monotonic };
    return this.make(reader, { before, to: null, why, at });
  }

  private add(reader: Reader, step: Step): void {
    this.pending.push(this.make(reader, step));
  }

  private make({ readerId, bootId }: Reader, { before, to, why, at }: Step): Transition {
    this.made += 1;
    return {
      number: this.made,
      readerId,
      at: at.unix,
      from: before?.state ?? null,
      to,
      why,
      bootId,
      silentMs: before === undefined ? null : Math.max(0, Math.round(at.monotonic - before.receivedAt)),
    };
  }
}

interface Step {
  readonly before: Before | undefined;
  readonly to: ReaderState | null;
  readonly why: TransitionReason;
  readonly at: Instant;
}

function reasonOf(before: ReaderState | undefined, now: ReaderState, isNext: boolean): TransitionReason {
  if (before === undefined) return 'first_heartbeat';
  if (isNext) return 'next_incarnation';
  if (now === 'gone') return 'deregistered';
  if (before === 'dead') return 'heartbeat_after_silence';
  return before === 'gone' ? 'heartbeat_after_deregistration' : 'state_reported';
}
