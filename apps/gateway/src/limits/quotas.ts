import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '@signalbox/platform';
import { windowOf } from './hour.rules.js';
import { KeyQuota } from './key-quota.rules.js';
import type { QuotaRow } from './lease.rules.js';

/** The quotas of the hour that has begun: one for each key that was used in it, here or on another process. */
@Injectable()
export class Quotas {
  private start = 0;
  private byKey = new Map<string, KeyQuota>();

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** The begin of this hour, Unix ms. With a new hour all counts begin again. */
  beginOfHour(): number {
    const start = windowOf(this.clock.now());
    if (start !== this.start) {
      this.start = start;
      this.byKey = new Map();
    }
    return start;
  }

  of(keyId: string, limit: number): KeyQuota {
    const windowStart = this.beginOfHour();
    const known = this.byKey.get(keyId);
    if (known !== undefined) return known.limitedTo(limit);
    const made = new KeyQuota({ keyId, windowStart, limit });
    this.byKey.set(keyId, made);
    return made;
  }

  /** One round of reading the store has ended with these rows. Returns the quotas that have something to report or return. */
  update(rows: readonly QuotaRow[]): KeyQuota[] {
    const windowStart = this.beginOfHour();
    for (const row of rows) {
      // The limit is set when the key is used here.
      if (row.windowStart === windowStart && !this.byKey.has(row.keyId)) this.of(row.keyId, Infinity);
    }
    const stored = new Map(rows.map((row) => [row.keyId, row]));
    const all = [...this.byKey.values()];
    for (const quota of all) quota.rest(stored.get(quota.keyId));
    return all.filter(({ hasNews }) => hasNews);
  }

  /** Those that have something to report, or a lease to give back. */
  get leased(): KeyQuota[] {
    return [...this.byKey.values()].filter(({ hasNews, hasLease }) => hasNews || hasLease);
  }
}
