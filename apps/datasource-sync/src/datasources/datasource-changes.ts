import { Inject, Injectable } from '@nestjs/common';
import { auditOf, type DatasourceReply, type DatasourceRequest } from '@signalbox/contracts/messages';
import { datasourcesStream } from '@signalbox/contracts/streams';
import { recordAudit, type AmqpContext } from '@signalbox/nest-service';
import { Database } from '@signalbox/persistence';
import { CLOCK, type Clock } from '@signalbox/platform';
import { refused } from '../requests/refusal.js';
import type { DatasourceRow } from '../store/datasource.row.js';
import { DatasourceTransaction } from '../store/datasource-transaction.js';
import { entryOf } from '../store/entry.js';

/** A request that changes a datasource. */
export interface Change {
  readonly request: DatasourceRequest;
  readonly context: AmqpContext;
  /** For the audit trail, for example `create-datasource`. */
  readonly action: string;
}

/** What a request is about, as it is now. */
export interface Target {
  readonly row: DatasourceRow;
  readonly transaction: DatasourceTransaction;
  readonly now: Date;
}

/** Runs changes. Those of the tables and of the stream, the reply and the audit entry are one transaction. */
@Injectable()
export class DatasourceChanges {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @param work returns the row as it is from now on
   * @throws RequestRefused by `work`; DeadlinePassed
   */
  async run(
    change: Change,
    work: (transaction: DatasourceTransaction) => Promise<DatasourceRow>,
  ): Promise<DatasourceReply> {
    const { request, context, action } = change;
    const { messageId, deadline } = context;
    const { reply, seq } = await this.database.once(
      { consumer: 'datasource-sync', messageId, deadline, stream: datasourcesStream.name },
      async (stream) => {
        const transaction = new DatasourceTransaction(stream);
        const row = await work(transaction);
        recordAudit(stream, auditOf(request.by, { at: this.clock.now(), action, resource: row.id }));
        return { datasource: entryOf(row) };
      },
    );
    return { ...reply, seq: seq ?? null };
  }

  /**
   * Changes the datasource that a request names.
   * @param work returns the row as it is from now on, or the row it was given where nothing is to be changed
   * @throws RequestRefused: not_found, mode_refused, or by `work`; DeadlinePassed
   */
  async update(
    change: Change,
    work: (target: Target) => DatasourceRow | Promise<DatasourceRow>,
  ): Promise<DatasourceReply> {
    return this.run(change, async (transaction) => {
      const row = await takeOwn(transaction, change.request);
      const next = await work({ row, transaction, now: await transaction.now() });
      if (next !== row) await transaction.update([next]);
      return next;
    });
  }
}

/**
 * Reads and locks the datasource that a request names. One of another account is not found.
 * @throws RequestRefused: not_found; mode_refused where a test key would change what is live
 */
async function takeOwn(
  transaction: DatasourceTransaction,
  { id = '', account, mode }: DatasourceRequest,
): Promise<DatasourceRow> {
  const [row] = await transaction.take([id]);
  if (row === undefined || row.is_deleting || row.account !== account)
    throw refused('not_found', 'There is no such datasource.');
  if (row.mode === 'live' && mode === 'test')
    throw refused('mode_refused', 'A test key cannot change a live datasource.');
  return row;
}

/** The members of a row that is to be checked now, because a caller asked for it. */
export const checkNow = (now: Date): Pick<DatasourceRow, 'checking' | 'check_due_at' | 'is_changed'> => ({
  checking: true,
  check_due_at: now,
  is_changed: true,
});
