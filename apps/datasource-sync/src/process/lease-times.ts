/** Injection token of `LeaseTimes`. */
export const LEASE_TIMES = Symbol('LeaseTimes');

export interface LeaseTimes {
  /** How long other processes leave the datasources of a process alone after it renewed its row. */
  readonly validMs: number;
  /** A process stops its work so long before, because clocks do not run equally fast. */
  readonly marginMs: number;
  readonly renewMs: number;
  /** How often a process looks for what is free or changed, where no notification wakes it before. */
  readonly lookMs: number;
}

export const LEASE_TIMES_USED: LeaseTimes = { validMs: 10_000, marginMs: 1_000, renewMs: 3_000, lookMs: 1_000 };
