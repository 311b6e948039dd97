import type { LeaseRequest, StoredQuota } from './lease.rules.js';
import { shareOf } from './lease.rules.js';

/** The fewest requests for which a process keeps a lease, while there is enough. */
const LEAST_SPARE = 10;

/** Exchanges come several times a second: a lease of this many times the use since the last one lasts about a second. */
const AHEAD = 5;

/** A key that was not used for this many rounds of `rest` keeps no lease. */
const IDLE_ROUNDS = 5;

/** `waits`: until the next exchange with the store is settled. */
export type Admission = 'admitted' | 'refused' | 'waits';

/** How requests that waited are answered, in the order in which they came: first the admitted ones. Later ones wait on. */
export interface Settled {
  readonly admitted: number;
  readonly refused: number;
}

/**
 * The requests of one key in one hour, as one process counts them. The process leases a part of the hour's budget from the store and
 * admits from that. Without a lease it admits one request, on credit: the next exchange pays for it. So all processes
 * together admit at most one request each beyond the limit, and only where the store has no budget left to pay with.
 *
 * The owner of this object moves it: `plan`, then the exchange with the store, then `settle` or `fail`; one exchange at a time.
 */
export class KeyQuota {
  private stored: StoredQuota = { leased: 0, used: 0 };
  /** Leased and not used yet. Below zero: admitted without a lease. */
  private held = 0;
  /** Used, and not in `stored` yet. */
  private unreported = 0;
  private waiting = 0;
  /** Part of the exchange in progress. */
  private inFlight = { used: 0, owed: 0, asked: 0 };
  private spareWanted = LEAST_SPARE;
  private roundsAtRest = 0;

  readonly keyId: string;
  /** Unix ms. */
  readonly windowStart: number;
  private mostRequests: number;

  constructor({ keyId, windowStart, limit }: { keyId: string; windowStart: number; limit: number }) {
    this.keyId = keyId;
    this.windowStart = windowStart;
    this.mostRequests = limit;
  }

  /** Of the key's tier, when it was used last. */
  get limit(): number {
    return this.mostRequests;
  }

  /** What is left of the limit, as far as this process knows. */
  get remaining(): number {
    return Math.max(0, this.limit - this.used);
  }

  /** Whether there is something to report, to ask for or to give back. */
  get hasNews(): boolean {
    return this.unreported > 0 || this.waiting > 0 || this.surplus > 0;
  }

  get hasLease(): boolean {
    return this.held > 0;
  }

  /** Whether an exchange is to follow at once: requests wait, or the lease is used up soon and the store has more. */
  get isUrgent(): boolean {
    if (this.waiting > 0) return true;
    return this.free > 0 && this.held <= Math.min(this.spareWanted, this.share) / 2;
  }

  /** The tier may change within the hour. */
  limitedTo(limit: number): this {
    this.mostRequests = limit;
    return this;
  }

  /** Counts a request, unless it is refused or has to wait. */
  take(): Admission {
    this.roundsAtRest = 0;
    const admission = this.nextAdmission;
    if (admission === 'admitted') this.count();
    if (admission === 'waits') this.waiting += 1;
    return admission;
  }

  /** What `take` would answer now. */
  get nextAdmission(): Admission {
    if (this.used >= this.limit) return 'refused';
    if (this.held > 0) return 'admitted';
    // All is leased: what other processes do not use, they return, and the store is read again within a second.
    if (this.free <= 0) return 'refused';
    return this.held === 0 && this.waiting === 0 ? 'admitted' : 'waits';
  }

  /** Counts a request that is not limited. */
  takeUnlimited(): void {
    this.roundsAtRest = 0;
    this.count();
  }

  /** One round without an exchange: a key at rest comes to keep no lease. */
  rest(stored: StoredQuota | undefined): void {
    this.roundsAtRest += 1;
    if (stored !== undefined) this.stored = stored;
  }

  /** What to report to the store and to ask it for. `everything`: all of the lease is returned. */
  plan({ everything = false } = {}): LeaseRequest {
    const used = this.unreported;
    const returned = everything ? Math.max(0, this.held) : this.surplus;
    this.held -= returned;
    this.spareWanted = Math.max(LEAST_SPARE, AHEAD * (used + this.waiting), Math.floor(this.spareWanted / 2));
    const owed = Math.max(0, -this.held);
    const spare = everything || this.isAtRest ? 0 : Math.min(this.spareWanted, this.share) - Math.max(0, this.held);
    this.inFlight = { used, owed, asked: this.waiting };
    const { keyId, windowStart, limit } = this;
    return { keyId, windowStart, limit, used, returned, owed, needed: this.waiting, spare: Math.max(0, spare) };
  }

  /** The store has done what was asked. */
  settle(stored: StoredQuota, granted: number): Settled {
    const { used, owed, asked } = this.inFlight;
    this.inFlight = { used: 0, owed: 0, asked: 0 };
    this.stored = stored;
    this.unreported -= used;
    this.held += owed + granted;
    const admitted = Math.min(this.waiting, Math.max(0, this.held));
    for (let i = 0; i < admitted; i++) this.count();
    const refused = Math.max(0, asked - admitted);
    this.waiting -= admitted + refused;
    return { admitted, refused };
  }

  /**
   * The store has not answered, and may have done what was asked or not. What was returned counts as returned, and what was used and
   * owed is reported again: the store may then count it twice, and never too little. No request waits any more.
   */
  fail(): void {
    this.inFlight = { used: 0, owed: 0, asked: 0 };
    this.stopWaiting();
  }

  /** No request waits any more: those that did are decided without the store. */
  stopWaiting(): void {
    this.waiting = 0;
    this.inFlight.asked = 0;
  }

  private get used(): number {
    return this.stored.used + this.unreported;
  }

  /** What the store could lease, as far as this process knows. */
  private get free(): number {
    return this.limit - this.stored.leased;
  }

  /** The largest lease to keep: it becomes smaller as the budget runs low, so that no process holds what another one needs. */
  private get share(): number {
    return shareOf(this.free + Math.max(0, this.held));
  }

  private get surplus(): number {
    return Math.max(0, this.held - (this.isAtRest ? 0 : this.share));
  }

  private get isAtRest(): boolean {
    return this.roundsAtRest >= IDLE_ROUNDS;
  }

  private count(): void {
    this.held -= 1;
    this.unreported += 1;
  }
}
