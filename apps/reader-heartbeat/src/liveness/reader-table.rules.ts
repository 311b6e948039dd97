import { placesOf } from './places-of.rules.js';
import type { ReaderLimits, ReaderPlaces } from '../limits/reader-places.rules.js';
import type { Beat } from './beat.js';
import { DeadlineQueue } from './deadline-queue.rules.js';
import { calm, flappingEnd, noteChange } from './flapping.rules.js';
import type { Instant } from './instant.js';
import { judgeBeat, type Verdict } from './judge-beat.rules.js';
import { leaseEnd, type LivenessSettings } from './lease.rules.js';
import type { Reader, ReaderState } from './reader.js';
import type { Transition } from './transition.js';
import { Transitions } from './transitions.rules.js';

/** Deadlines that one call looks at: after a take-over those of all readers are due at once, and so many take some ms. */
const MOST_LOOKS = 1_000;

/** A new reader was not added: there are as many as one of the limits permits. */
export interface NoPlace {
  readonly kind: 'no-place';
  readonly limit: keyof ReaderLimits;
}

/** What a heartbeat did. `limit`: the one that left no place for the reader's longer description; the heartbeat counts without that. */
export type Recorded = (Verdict & { readonly limit?: keyof ReaderLimits }) | NoPlace;

/** What the passing of time does to readers. */
export interface Expired {
  readonly died: Reader[];
  /** Not flapping any more. */
  readonly calmed: Reader[];
  readonly forgotten: Reader[];
  /** False: there may be more to do for the same time, in another call. */
  isComplete: boolean;
}

/** How many further deadlines a call may look at. */
interface Looks {
  left: number;
}

/**
 * The readers of one partition and a queue of their deadlines, ordered by time. A heartbeat usually only postpones a deadline.
 * So the queue is not updated with each heartbeat: an entry is checked when it is due, and queued again if it was postponed.
 * An entry is valid while its reader is queued for that time; others are skipped.
 */
export class ReaderTable {
  private readonly readers = new Map<string, Reader>();
  private readonly due = new DeadlineQueue();
  private readonly transitions = new Transitions();

  /**
   * @param receivingSince monotonic ms since which heartbeats have been received without interruption
   * @param limits of the readers of this table; undefined: their number is not limited
   */
  constructor(
    private readonly settings: LivenessSettings,
    private receivingSince: number,
    private readonly limits?: ReaderPlaces,
  ) {}

  get size(): number {
    return this.readers.size;
  }

  all(): Iterable<Reader> {
    return this.readers.values();
  }

  /** Each with the places that it takes. */
  *places(): Iterable<readonly [readerId: string, places: number]> {
    for (const [readerId, { profile }] of this.readers) yield [readerId, placesOf(profile)];
  }

  get(readerId: string): Reader | undefined {
    return this.readers.get(readerId);
  }

  /** The steps in the history of readers since the last call, in order. */
  takeTransitions(): Transition[] {
    return this.transitions.take();
  }

  /** The step by which a reader is forgotten before its time; {@link remove} does it. */
  forgetting(reader: Reader, at: Instant): Transition {
    return this.transitions.forgetting(reader, { why: 'forgotten_on_request', at });
  }

  /** Forgets a reader before its time. */
  remove(readerId: string): void {
    const known = this.readers.get(readerId);
    if (known !== undefined) this.limits?.removed(readerId, placesOf(known.profile));
    this.readers.delete(readerId);
  }

  count(): Record<ReaderState, number> {
    const counts = { loading: 0, live: 0, dead: 0, gone: 0 };
    for (const { state } of this.readers.values()) counts[state] += 1;
    return counts;
  }

  /** When the last heartbeat of that loading or live reader was received whose is the oldest, monotonic ms; Infinity without any. */
  oldestHeartbeat(): number {
    let oldest = Infinity;
    for (const { state, receivedAt } of this.readers.values())
      if (state === 'loading' || state === 'live') oldest = Math.min(oldest, receivedAt.monotonic);
    return oldest;
  }

  /** Adds readers that were stored by an earlier owner. */
  restore(readers: Iterable<Reader>): void {
    for (const reader of readers) {
      this.limits?.added(reader.readerId, placesOf(reader.profile));
      this.put(reader);
    }
  }

  record(beat: Beat, at: Instant): Recorded {
    const known = this.readers.get(beat.readerId);
    const further = furtherPlaces(known, beat);
    const limit = further > 0 ? this.limits?.fullFor(beat.readerId, beat.countsFor, at.unix, further) : undefined;
    if (limit === undefined) return this.apply(known, beat, { at, further });
    if (known === undefined) return { kind: 'no-place', limit };
    // A reader that is known goes on: it must not be declared dead because there is no place for what describes it.
    const profile = { ...known.profile, waitInterval: beat.profile.waitInterval };
    return { ...this.apply(known, { ...beat, profile }, { at, further: 0 }), limit };
  }

  /** Heartbeats could not be received until `since` (monotonic ms): each reader gets a full lease from then on. */
  resumeReceiving(since: number): void {
    this.receivingSince = Math.max(this.receivingSince, since);
  }

  /**
   * Monotonic ms at which {@link expire} has something to do; Infinity if there is no deadline; undefined where so many were postponed that it is to
   * be called again.
   * @param exactUntil what is later may be too early: whether a deadline after this time was postponed is not looked at
   */
  nextDue(exactUntil = Infinity): number | undefined {
    return this.settle(exactUntil, { left: MOST_LOOKS }) ? (this.due.time ?? Infinity) : undefined;
  }

  /** Monotonic ms at which the state of a reader ends without a heartbeat; Infinity: never. */
  endOf(reader: Reader): number {
    return leaseEnd(reader, this.settings, this.receivingSince);
  }

  /** Declares silent readers dead, forgets those whose retention has ended, and ends the flapping of those that are quiet; some at a time. */
  expire(at: Instant): Expired {
    const expired: Expired = { died: [], calmed: [], forgotten: [], isComplete: false };
    for (const looks = { left: MOST_LOOKS }; looks.left > 0 && this.settle(at.monotonic, looks); looks.left -= 1) {
      const reader = this.readers.get(this.due.id ?? '');
      expired.isComplete = reader === undefined || reader.queuedAt > at.monotonic;
      if (reader === undefined || expired.isComplete) break;
      this.due.pop();
      reader.queuedAt = NaN;
      this.end(reader, at, expired);
    }
    return expired;
  }

  private end(reader: Reader, at: Instant, { died, calmed, forgotten }: Expired): void {
    const isCalm = calm(reader, at, this.settings);
    if (leaseEnd(reader, this.settings, this.receivingSince) > at.monotonic) {
      if (isCalm) calmed.push(reader);
    } else if (reader.state === 'dead' || reader.state === 'gone') {
      this.remove(reader.readerId);
      this.transitions.forgotten(reader, at);
      forgotten.push(reader);
      return;
    } else {
      const before = reader.state;
      this.transitions.died(reader, { before: { state: before, receivedAt: reader.receivedAt.monotonic }, at });
      reader.state = 'dead';
      reader.since = at;
      noteChange(reader, { before, at }, this.settings);
      died.push(reader);
    }
    this.enqueue(reader);
  }

  /** @param further places that the heartbeat needs besides those of its reader */
  private apply(known: Reader | undefined, beat: Beat, { at, further }: { at: Instant; further: number }): Verdict {
    // A verdict may change the known reader.
    const state = known?.state;
    const receivedAt = known === undefined ? 0 : known.receivedAt.monotonic;
    const verdict = judgeBeat(known, beat, at);
    // A later deadline needs no new entry in the queue.
    if (verdict.kind !== 'changed') return verdict;
    const { reader } = verdict;
    if (state !== undefined && state !== reader.state) noteChange(reader, { before: state, at }, this.settings);
    const isNext = known !== undefined && reader !== known;
    this.transitions.byHeartbeat(reader, { before: state && { state, receivedAt }, isNext, at });
    if (further !== 0) this.limits?.added(reader.readerId, further);
    this.put(reader);
    return verdict;
  }

  /** Queues again, at their present time, deadlines until `exactUntil` that were postponed. @returns whether the first in the queue is valid, or there is none */
  private settle(exactUntil: number, looks: Looks): boolean {
    for (let at = this.due.time; at !== undefined; at = this.due.time) {
      const reader = this.readers.get(this.due.id!);
      const isCurrent = reader !== undefined && reader.queuedAt === at;
      if (isCurrent && (at > exactUntil || this.dueAt(reader) <= at)) return true;
      if (looks.left === 0) return false;
      looks.left -= 1;
      this.due.pop();
      if (!isCurrent) continue;
      reader.queuedAt = NaN;
      this.enqueue(reader);
    }
    return true;
  }

  private put(reader: Reader): void {
    this.readers.set(reader.readerId, reader);
    // Only an earlier deadline needs a new entry: a shorter interval, or a reader that is live again after it was dead.
    if (!(this.dueAt(reader) >= reader.queuedAt)) this.enqueue(reader);
  }

  private enqueue(reader: Reader): void {
    const at = this.dueAt(reader);
    if (at === Infinity) return;
    reader.queuedAt = at;
    this.due.push(at, reader.readerId);
  }

  private dueAt(reader: Reader): number {
    return Math.min(leaseEnd(reader, this.settings, this.receivingSince), flappingEnd(reader, this.settings));
  }
}

/** That a heartbeat needs besides those of its reader; fewer where it is negative. */
function furtherPlaces(known: Reader | undefined, { profile }: Beat): number {
  if (known === undefined) return placesOf(profile);
  return known.profile === profile ? 0 : placesOf(profile) - placesOf(known.profile);
}
