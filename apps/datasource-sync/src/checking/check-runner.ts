import { Inject, Injectable } from '@nestjs/common';
import type { AttemptReport } from '../work/follower.js';
import { datasourcesStream } from '@signalbox/contracts/streams';
import { Database } from '@signalbox/persistence';
import { CLOCK, describeError, LOGGER, within, type Clock, type Logger } from '@signalbox/platform';
import type { Held } from '../leases/held.js';
import { RecordsMetrics } from '../records/records.metrics.js';
import { DatasourceTransaction } from '../store/datasource-transaction.js';
import type { HeldRow } from '../leases/lease.repository.js';
import { CHECKS, type Checks } from '../work/checks.js';
import { UNREADABLE, withChecked, type Checked } from './checked.js';

/** Longer than any check of a source may take: what comes later does not come. */
const LONGEST_CHECK_MS = 90_000;

/** Runs one check and stores its outcome. */
@Injectable()
export class CheckRunner {
  constructor(
    private readonly database: Database,
    private readonly metrics: RecordsMetrics,
    @Inject(CHECKS) private readonly checks: Checks,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws where the outcome could not be stored: the check stays due */
  async run(row: HeldRow, { assignment, fence }: Held): Promise<void> {
    const startedAt = this.clock.monotonic();
    const result = assignment === undefined ? UNREADABLE : await this.check(row.id, assignment);
    const attempt = attemptOf(result, this.clock.monotonic() - startedAt);
    const { result: isStored } = await this.database.streamTransaction(datasourcesStream.name, async (stream) => {
      const transaction = new DatasourceTransaction(stream);
      const now = await transaction.now();
      const [current] = await transaction.take([row.id]);
      if (current === undefined || current.is_deleting || current.fence !== fence) return false;
      // It was registered again meanwhile: the check that is due then decides.
      if (current.assignment_version !== row.assignment_version) return false;
      const next = withChecked(current, result, { now, random: Math.random() });
      await transaction.update([next]);
      await transaction.appendAttempts([{ ...attempt, error: next.last_error, datasource: row.id, at: now }]);
      return true;
    });
    if (isStored) this.metrics.stored([attempt]);
  }

  private async check(id: string, assignment: NonNullable<Held['assignment']>): Promise<Checked> {
    try {
      return await within({ clock: this.clock, ms: LONGEST_CHECK_MS, what: 'result' }, this.checks.check(assignment));
    } catch (error) {
      this.logger.warn({ datasource: id, reason: describeError(error) }, 'check of a datasource not run to its end');
      return null;
    }
  }
}

function attemptOf(result: Checked, durationMs: number): AttemptReport {
  const outcomes = { ready: 'succeeded', refused: 'refused', unreachable: 'failed' } as const;
  const outcome = result === null ? 'failed' : outcomes[result.outcome];
  return { kind: 'check', outcome, duration_ms: Math.round(durationMs), published: 0, error: null };
}
