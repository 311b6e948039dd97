import type { AttemptReport, FollowerReport } from '../work/follower.js';
import type { Recorded } from './recorded.js';

/** Of one datasource, between two writes; more are not logged. */
const MOST_ATTEMPTS = 20;

interface Entry {
  readonly fence: number;
  report: FollowerReport | undefined;
  readonly attempts: Recorded['attempts'][number][];
}

export interface PendingRecord extends Recorded {
  readonly id: string;
  readonly fence: number;
}

/** What is to be stored with the next write: of each datasource the newest report, and a bounded number of attempts. */
export class Pending {
  private readonly entries = new Map<string, Entry>();

  get size(): number {
    return this.entries.size;
  }

  report(id: string, fence: number, report: FollowerReport): void {
    const entry = this.entryOf(id, fence);
    if (entry !== undefined) entry.report = report;
  }

  attempt(id: string, fence: number, attempt: { readonly at: Date; readonly attempt: AttemptReport }): void {
    const entry = this.entryOf(id, fence);
    if (entry !== undefined && entry.attempts.length < MOST_ATTEMPTS) entry.attempts.push(attempt);
  }

  /** Takes out the ones that wait longest. */
  take(limit: number): PendingRecord[] {
    const taken: PendingRecord[] = [];
    for (const [id, entry] of this.entries) {
      if (taken.length === limit) break;
      taken.push({ id, ...entry });
      this.entries.delete(id);
    }
    return taken;
  }

  /** They could not be stored. What came meanwhile is newer. */
  putBack(records: readonly PendingRecord[]): void {
    for (const { id, fence, report, attempts } of records) {
      const entry = this.entryOf(id, fence);
      if (entry === undefined) continue;
      entry.report ??= report;
      entry.attempts.unshift(...attempts.slice(0, MOST_ATTEMPTS - entry.attempts.length));
    }
  }

  /** Undefined for what comes from before the datasource was taken again. */
  private entryOf(id: string, fence: number): Entry | undefined {
    let entry = this.entries.get(id);
    if (entry === undefined || entry.fence < fence) {
      entry = { fence, report: undefined, attempts: [] };
      this.entries.set(id, entry);
    }
    return entry.fence === fence ? entry : undefined;
  }
}
