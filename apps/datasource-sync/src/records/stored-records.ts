import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { datasourcesStream } from '@signalbox/contracts/streams';
import { Database } from '@signalbox/persistence';
import { CLOCK, describeError, every, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import { Leases } from '../leases/leases.js';
import { DatasourceTransaction } from '../store/datasource-transaction.js';
import { REMOVE_OLD_ATTEMPTS } from '../store/attempts.js';
import type { AttemptReport, FollowerReport } from '../work/follower.js';
import type { PositionRecord, Records } from '../work/records.js';
import { Pending, type PendingRecord } from './pending.js';
import { withRecorded } from './recorded.js';
import { RecordsMetrics } from './records.metrics.js';
import { removeDeleted } from './remove-deleted.js';

const WRITE_EVERY_MS = 250;
/** Rows of one transaction, which all writers of the stream wait for. */
const WRITTEN_AT_ONCE = 200;
const CLEAN_EVERY_MS = 60 * 60 * 1_000;

const SAVE_POSITION = `
  WITH saved AS (
    UPDATE datasource SET position = $4::json WHERE id = $1 AND fence = $2 AND generation = $3 RETURNING 1
  ) SELECT 1 FROM saved`;

/** Stores what workers report: positions at once, everything else several times a second for many datasources together. */
@Injectable()
export class StoredRecords implements Records, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly pending = new Pending();
  /** The last report of each datasource, with its fence, as JSON: what is reported again is not stored again. */
  private readonly known = new Map<string, string>();
  private readonly stops: (() => void)[] = [];
  private writing: Promise<void> = Promise.resolve();
  private hasFailed = false;

  constructor(
    private readonly database: Database,
    private readonly leases: Leases,
    private readonly metrics: RecordsMetrics,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    leases.onReleased((id) => this.known.delete(id));
  }

  onApplicationBootstrap(): void {
    this.stops.push(
      every({ clock: this.clock, ms: WRITE_EVERY_MS }, () => this.write()),
      every({ clock: this.clock, ms: CLEAN_EVERY_MS, background: true }, () => this.removeOldAttempts()),
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const stop of this.stops) stop();
    await this.write();
  }

  report(id: string, fence: number, report: FollowerReport): void {
    const text = `${fence} ${JSON.stringify(report)}`;
    if (this.known.get(id) === text) return;
    this.known.set(id, text);
    this.pending.report(id, fence, report);
  }

  attempt(id: string, fence: number, attempt: AttemptReport): void {
    this.pending.attempt(id, fence, { at: new Date(this.clock.now()), attempt });
  }

  async savePosition({ id, fence, generation, position }: PositionRecord): Promise<void> {
    const saved = await this.database.dataSource.query<unknown[]>(SAVE_POSITION, [
      id,
      fence,
      generation,
      JSON.stringify(position),
    ]);
    if (saved.length === 0) throw new Error('another process reads this datasource, or it is to be read again');
  }

  released(id: string, fence: number, left: readonly string[] | null): void {
    if (!this.leases.endedWork(id, fence)) return;
    if (left !== null) {
      // Its worker goes on trying, and reports when nothing is left.
      this.logger.warn({ datasource: id }, 'slot of a deleted datasource not dropped yet');
      return;
    }
    void removeDeleted({ id, fence }, this.database, this.leases).catch((error: unknown) =>
      // Its row stays: the process that holds it next ends it again.
      this.logger.warn({ datasource: id, reason: describeError(error) }, 'deleted datasource not removed'),
    );
  }

  /** Stores all that is reported until now. Never rejects. */
  private write(): Promise<void> {
    this.writing = this.writing.then(() => this.writeAll());
    return this.writing;
  }

  private async writeAll(): Promise<void> {
    while (this.pending.size > 0) {
      const records = this.pending.take(WRITTEN_AT_ONCE);
      try {
        await this.writeSome(records);
        if (this.hasFailed) this.logger.info('reports of workers are stored again');
        this.hasFailed = false;
      } catch (error) {
        this.pending.putBack(records);
        if (!this.hasFailed)
          this.logger.warn({ reason: describeError(error) }, 'reports of workers not stored, retrying');
        this.hasFailed = true;
        return;
      }
    }
  }

  private async writeSome(records: readonly PendingRecord[]): Promise<void> {
    const byId = new Map(records.map((record) => [record.id, record]));
    const { result } = await this.database.streamTransaction(datasourcesStream.name, async (stream) => {
      const transaction = new DatasourceTransaction(stream);
      const now = await transaction.now();
      const rows = (await transaction.take([...byId.keys()])).filter((row) => row.fence === byId.get(row.id)!.fence);
      await transaction.update(rows.map((row) => withRecorded(row, byId.get(row.id)!, now)));
      const attempts = rows.flatMap(({ id }) =>
        byId.get(id)!.attempts.map(({ at, attempt }) => ({ ...attempt, datasource: id, at })),
      );
      await transaction.appendAttempts(attempts);
      return attempts;
    });
    this.metrics.stored(result);
  }

  /** A failure is left to the next run. */
  private async removeOldAttempts(): Promise<void> {
    await this.database.dataSource.query(REMOVE_OLD_ATTEMPTS).catch(() => undefined);
  }
}
