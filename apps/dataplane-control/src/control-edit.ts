import { type AuditCommand, type DataplaneEvent } from '@signalbox/contracts/messages';
import {
  dataplaneKey,
  operationKey,
  RESTART_ENDS,
  restartKey,
  streams,
  type DataplaneEntry,
  type JsonValue,
  type OperationEntry,
  type RestartEntry,
} from '@signalbox/contracts/streams';
import { DeadMessage } from '@signalbox/messaging';
import { type Database, type StreamTransaction } from '@signalbox/persistence';
import type { EntityManager } from 'typeorm';

/** Restarts and operations that the stream shows; older ones that have ended are in the database only. */
const SHOWN = 200;

/** A report is some seconds old at most, so that nobody hears of earlier lives any more. */
const LIVES_KEPT = 1_000;

/** Of each dataplane. */
const EARLY_EVENTS_KEPT = 1_000;
/** Characters of JSON. */
const LONGEST_EARLY_EVENT = 65_536;

/** States of a restart, or of an operation, after which nothing comes any more. */
const OVER: readonly string[] = [...RESTART_ENDS, 'finished', 'failed'];

/** Dataplanes, restarts and operations in one transaction: what is changed through it is remembered, to be told to the gateways. */
export class ControlEdit {
  private readonly told = new Map<string, JsonValue | null>();

  constructor(private readonly manager: EntityManager) {}

  /** One after the other: whoever changes what concerns a dataplane waits here for whoever does. */
  async lock(dataplane: string): Promise<void> {
    await this.manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`dataplane ${dataplane}`]);
  }

  async dataplane(name: string): Promise<DataplaneEntry | undefined> {
    return this.first<DataplaneEntry>('SELECT entry FROM dataplane WHERE name = $1', [name]);
  }

  async putDataplane(entry: DataplaneEntry): Promise<void> {
    await this.manager.query(
      'INSERT INTO dataplane (name, entry) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET entry = excluded.entry',
      [entry.name, entry],
    );
    await this.manager.query('INSERT INTO life (dataplane, boot_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      entry.name,
      entry.boot_id,
    ]);
    await this.manager.query(
      'DELETE FROM life WHERE dataplane = $1 AND boot_id IN (SELECT boot_id FROM life WHERE dataplane = $1 ORDER BY first_heard_at DESC OFFSET $2)',
      [entry.name, LIVES_KEPT],
    );
    this.told.set(dataplaneKey(entry.name), entry);
  }

  /** The latest of its lives that were ever heard, by boot id. */
  async lives(name: string): Promise<string[]> {
    const rows = await this.manager.query<{ boot_id: string }[]>('SELECT boot_id FROM life WHERE dataplane = $1', [
      name,
    ]);
    return rows.map(({ boot_id }) => boot_id);
  }

  async restart(id: string): Promise<RestartEntry | undefined> {
    return this.first<RestartEntry>('SELECT entry FROM restart WHERE id = $1', [id]);
  }

  /** Those that have not ended, of one dataplane or of all, the oldest first. */
  async openRestarts(dataplane: string | null): Promise<RestartEntry[]> {
    return this.entries<RestartEntry>(
      'SELECT entry FROM restart WHERE state <> ALL ($1) AND ($2::text IS NULL OR dataplane = $2) ORDER BY number',
      [OVER, dataplane],
    );
  }

  /** The restart that an Idempotency-Key stands for, and what was asked for with it; forgotten after a day. */
  async restartByKey(key: string): Promise<{ restart: RestartEntry; request: unknown } | undefined> {
    await this.manager.query(`DELETE FROM idempotency WHERE created_at < now() - interval '1 day'`);
    const rows = await this.manager.query<{ entry: RestartEntry; request: unknown }[]>(
      'SELECT entry, request FROM idempotency JOIN restart ON restart.id = idempotency.restart WHERE key = $1',
      [key],
    );
    return rows[0] && { restart: rows[0].entry, request: rows[0].request };
  }

  async rememberKey(key: string, { id }: RestartEntry, request: object): Promise<void> {
    await this.manager.query('INSERT INTO idempotency (key, restart, request) VALUES ($1, $2, $3)', [key, id, request]);
  }

  async addRestart(entry: RestartEntry): Promise<void> {
    await this.add('restart', entry);
    this.told.set(restartKey(entry.id), entry);
    await this.hideOld('restart', restartKey);
  }

  async putRestart(entry: RestartEntry): Promise<void> {
    if (await this.put('restart', entry)) this.told.set(restartKey(entry.id), entry);
  }

  async operation(id: string): Promise<OperationEntry | undefined> {
    return this.first<OperationEntry>('SELECT entry FROM operation WHERE id = $1', [id]);
  }

  async addOperation(entry: OperationEntry): Promise<void> {
    await this.add('operation', entry);
    this.told.set(operationKey(entry.id), entry);
    await this.hideOld('operation', operationKey);
  }

  async putOperation(entry: OperationEntry): Promise<void> {
    if (await this.put('operation', entry)) this.told.set(operationKey(entry.id), entry);
  }

  /** Each action of each request once, however often it is told, and numbered without a hole. */
  async audit({ at, action, resource, key_id, address, request_id, result, detail }: AuditCommand): Promise<void> {
    await this.manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('audit', 0))`);
    await this.manager.query(
      `INSERT INTO audit (number, at, action, resource, key_id, address, request_id, result, detail)
       SELECT (SELECT coalesce(max(number), 0) + 1 FROM audit), to_timestamp($1 / 1000.0), $2, $3, $4, $5, $6, $7, $8
       WHERE NOT EXISTS (SELECT FROM audit WHERE request_id = $6 AND action = $2)`,
      [at, action, resource, key_id, address, request_id, result, detail],
    );
  }

  /** What a gateway asked for without knowing whether it was sent, as the audit log has it. */
  async unknownCommand(id: string): Promise<unknown> {
    const rows = await this.manager.query<{ command: unknown }[]>(
      `SELECT detail->'command' AS command FROM audit WHERE result = 'unknown' AND coalesce(detail->>'restart_id', detail->>'operation_id') = $1`,
      [id],
    );
    return rows[0]?.command;
  }

  /**
   * An event of what is not known yet: it waits here for a day, beside at most 999 others of its dataplane.
   * @throws DeadMessage where nobody can have told its dataplane anything, Error where it is too large to wait here
   */
  async keepEarly(event: DataplaneEvent): Promise<void> {
    const { dataplane } = event;
    if (!(await this.dataplane(dataplane)))
      throw new DeadMessage('unknown-dataplane', 'no such dataplane has ever reported');
    if (JSON.stringify(event).length > LONGEST_EARLY_EVENT) throw new Error('it is of something that is not known yet');
    await this.manager.query('INSERT INTO early_event (dataplane, subject, event) VALUES ($1, $2, $3)', [
      dataplane,
      subjectOf(event),
      event,
    ]);
    await this.manager.query(`DELETE FROM early_event WHERE at < now() - interval '1 day'`);
    await this.manager.query(
      'DELETE FROM early_event WHERE dataplane = $1 AND number <= (SELECT number FROM early_event WHERE dataplane = $1 ORDER BY number DESC OFFSET $2 LIMIT 1)',
      [dataplane, EARLY_EVENTS_KEPT],
    );
  }

  async hasEarly(id: string): Promise<boolean> {
    return (await this.manager.query<unknown[]>('SELECT FROM early_event WHERE subject = $1 LIMIT 1', [id])).length > 0;
  }

  /** The events that came before what they are of, in the order in which they came; they are not kept any more. */
  async takeEarly<Kind extends DataplaneEvent['kind']>(
    kind: Kind,
    id: string,
  ): Promise<Extract<DataplaneEvent, { kind: Kind }>[]> {
    const [rows] = await this.manager.query<[{ number: string; event: DataplaneEvent }[], number]>(
      'DELETE FROM early_event WHERE subject = $1 RETURNING number, event',
      [id],
    );
    const events = rows.toSorted((a, b) => Number(a.number) - Number(b.number)).map(({ event }) => event);
    return events.filter((event): event is Extract<DataplaneEvent, { kind: Kind }> => event.kind === kind);
  }

  publish(transaction: StreamTransaction): void {
    for (const [key, value] of this.told) {
      if (value === null) transaction.remove(key);
      else transaction.put(key, value);
    }
  }

  private async add(table: 'restart' | 'operation', entry: RestartEntry | OperationEntry): Promise<void> {
    await this.manager.query(`INSERT INTO ${table} (id, dataplane, state, entry) VALUES ($1, $2, $3, $4)`, [
      entry.id,
      entry.dataplane,
      entry.state,
      entry,
    ]);
  }

  /** @returns whether the stream shows it */
  private async put(table: 'restart' | 'operation', entry: RestartEntry | OperationEntry): Promise<boolean> {
    const [rows] = await this.manager.query<[{ in_stream: boolean }[], number]>(
      `UPDATE ${table} SET state = $2, entry = $3 WHERE id = $1 RETURNING in_stream`,
      [entry.id, entry.state, entry],
    );
    return rows[0]?.in_stream ?? false;
  }

  private async hideOld(table: 'restart' | 'operation', keyOf: (id: string) => string): Promise<void> {
    const [rows] = await this.manager.query<[{ id: string }[], number]>(
      `UPDATE ${table} SET in_stream = false WHERE in_stream AND state = ANY ($1)
       AND number <= (SELECT number FROM ${table} WHERE in_stream ORDER BY number DESC OFFSET $2 LIMIT 1) RETURNING id`,
      [OVER, SHOWN],
    );
    for (const { id } of rows) this.told.set(keyOf(id), null);
  }

  private async first<Entry>(text: string, parameters: readonly unknown[]): Promise<Entry | undefined> {
    return (await this.entries<Entry>(text, parameters))[0];
  }

  private async entries<Entry>(text: string, parameters: readonly unknown[]): Promise<Entry[]> {
    const rows = await this.manager.query<{ entry: Entry }[]>(text, [...parameters]);
    return rows.map(({ entry }) => entry);
  }
}

const subjectOf = (event: DataplaneEvent): string => (event.kind === 'restart' ? event.restart_id : event.operation_id);

/** Changes what concerns dataplanes and tells the gateways, in one transaction. */
export async function editControl<Result>(
  database: Database,
  work: (edit: ControlEdit) => Promise<Result>,
): Promise<Result> {
  const outcome = await database.streamTransaction(streams.dataplane, async (transaction) => {
    const edit = new ControlEdit(transaction.manager);
    const result = await work(edit);
    edit.publish(transaction);
    return result;
  });
  return outcome.result;
}
