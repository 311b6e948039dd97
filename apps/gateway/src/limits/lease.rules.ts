/** What the store knows of one key in one hour. `used` is never more than `leased`. */
export interface StoredQuota {
  /** What processes may use, and what they have used. */
  readonly leased: number;
  /** What they have reported as used. */
  readonly used: number;
}

/** What the store knows, and of what. */
export interface QuotaRow extends StoredQuota {
  readonly keyId: string;
  /** Unix ms. */
  readonly windowStart: number;
}

/** What one process reports of a key and asks for. */
export interface LeaseRequest {
  readonly keyId: string;
  /** Unix ms. */
  readonly windowStart: number;
  readonly limit: number;
  /** Used since the last report. */
  readonly used: number;
  /** Leased before, and given back. */
  readonly returned: number;
  /** Used without a lease. */
  readonly owed: number;
  /** Requests that wait. */
  readonly needed: number;
  /** Wanted for later requests. */
  readonly spare: number;
}

/** A process keeps at most this part of what is free for later requests. */
export const SPARE_DIVISOR = 8;

export const shareOf = (free: number): number => Math.floor(Math.max(0, free) / SPARE_DIVISOR);

/**
 * What the store does with a request: it leases what waiting requests need, and a share of the rest, never beyond the limit. This is the
 * rule in short; `quota.repository.ts` has it as SQL, so that it is one atomic statement. A test compares them.
 */
export function lease(stored: StoredQuota, request: LeaseRequest): { stored: StoredQuota; granted: number } {
  const { limit, used, returned, owed, needed, spare } = request;
  const before = Math.max(0, stored.leased - returned) + owed;
  const free = Math.max(0, limit - before);
  const granted = Math.min(free, needed + Math.min(spare, shareOf(free - needed)));
  const leased = before + granted;
  return { stored: { leased, used: Math.min(stored.used + used, leased) }, granted };
}
