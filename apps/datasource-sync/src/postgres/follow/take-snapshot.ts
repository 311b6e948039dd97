import type { DirectAssignment } from '../../work/assignment.js';
import type { FollowerHost } from '../../work/follower.js';
import { openClient, type SourceClient } from '../connect/open-client.js';
import { beginReading, type Seen } from '../snapshot/begin-reading.js';
import type { PublishedTable } from '../snapshot/published-tables.js';
import { TableReader } from '../snapshot/read-table.js';
import { Outgoing } from './outgoing.js';
import { afterTable, type Position } from './position.js';
import type { Progress } from './progress.js';
import { publish } from './publish.js';

export interface SnapshotOptions {
  readonly assignment: DirectAssignment;
  readonly host: FollowerHost;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly silenceMs: number;
  /** All that are published; those that the position calls done are left out. */
  readonly tables: readonly PublishedTable[];
  readonly from: Position;
  /** Shows the rows as they were where the slot begins; undefined: it is lost, or was used. */
  readonly exported: string | undefined;
  /** As soon as the exported snapshot is taken. */
  readonly onTaken: () => void;
  readonly onPosition: (position: Position) => void;
}

/** How much longer than usual the server may be silent where it reads much before it answers. */
export const PATIENCE = 10;

/**
 * Reads the rows that are there, table by table, and goes on where an earlier attempt ended.
 *
 * The exported snapshot shows the rows as they were where the slot begins. When it is lost, the rest is read as it is now, which is right all
 * the same: whatever changed since the beginning of the slot is sent again by the slot, after these rows. A row that is read newer than
 * it was is made newest by its later changes; one that was deleted meanwhile is not read, and its deletion finds nothing to delete; one that
 * was inserted is inserted once more. Only rows without a key would be there twice then, so these tables are read first, with the exported
 * snapshot where nothing was read from the slot; later, the transactions that their rows come from are left out of the WAL. The ids of rows come from their keys, so that a row that is read twice after one `truncate` is recognised.
 */
export async function takeSnapshot(options: SnapshotOptions): Promise<Position> {
  const { assignment, tables, signal, silenceMs, exported } = options;
  const line = await openClient(assignment, { signal, silenceMs });
  try {
    const seen = await beginReading(line.client, exported);
    options.onTaken();
    const todo = tables.filter(({ oid, member }) => options.from.done[oid] !== member);
    return await new Snapshot(options, line, seen).run(todo.toSorted((a, b) => rank(a) - rank(b)));
  } finally {
    line.close();
  }
}

const rank = ({ key }: PublishedTable): number => Math.min(1, key.length);

class Snapshot {
  private readonly outgoing: Outgoing;
  private position: Position;
  private rows = 0;
  private failure: unknown;

  constructor(
    private readonly options: SnapshotOptions,
    private readonly line: SourceClient,
    private readonly seen: Seen | undefined,
  ) {
    this.position = options.from;
    const { host } = options;
    this.outgoing = new Outgoing({
      clock: host.clock,
      publish: (batch) => publish(host, batch),
      onFull: () => line.socket.pause(),
      onRoom: () => line.socket.resume(),
      onPublished: (mark) => {
        if (mark.position !== undefined) this.stored(mark.position as Position);
        this.report();
      },
      onFailed: (error) => this.fail(error),
    });
    options.signal.addEventListener('abort', () => this.outgoing.end(), { once: true });
  }

  async run(todo: readonly PublishedTable[]): Promise<Position> {
    try {
      for (const table of todo) await this.readTable(table);
      return this.position;
    } catch (error) {
      throw this.failure ?? error;
    } finally {
      this.outgoing.end();
    }
  }

  private async readTable(table: PublishedTable): Promise<void> {
    const { oid, member, key } = table;
    const { current } = this.position;
    const begun = current?.oid === oid && current.member === member ? current : undefined;
    const isResumed = begun !== undefined && begun.after !== null && key.length === begun.after.length;
    const attempt = begun ? begun.attempt + (isResumed ? 0 : 1) : 1;
    this.rows = isResumed ? begun.rows : 0;
    let after = isResumed ? begun.after : null;
    const { assignment, from } = this.options;
    const reader = new TableReader(table, {
      datasource: assignment.id,
      schema: assignment.source.schema,
      generation: assignment.generation,
      lsn: from.lsn,
      attempt,
    });
    const at = (last: string[] | null): void => {
      this.position = { ...this.position, current: { oid, member, attempt, after: last, rows: this.rows } };
    };
    this.report();
    const { silenceMs } = this.options;
    // Few rows of many may pass a filter.
    this.line.expect(`rows of ${table.name} were read`, table.filter === null ? silenceMs : PATIENCE * silenceMs);
    if (!isResumed) {
      // Consumers do not empty what cannot be read.
      await reader.tryRead(this.line.client);
      at(null);
      this.outgoing.add(reader.truncation());
      this.outgoing.markHere({ position: this.position });
      // The attempt is stored before its rows are published: those of two attempts never have the same ids.
      await this.drained();
    }
    do {
      after = await reader.page(this.line.client, after, (change, last) => {
        this.line.received();
        this.rows += 1;
        this.outgoing.add(change);
        at(last);
        // A table without a key has no place to go on from, so its position stays.
        this.outgoing.markHere(last === null ? {} : { position: this.position });
      });
      if (this.failure !== undefined) throw this.failure;
    } while (after !== null);
    this.position = afterTable(this.position, table, this.options.tables, this.seen);
    this.outgoing.markHere({ position: this.position });
    await this.drained();
    this.report();
  }

  private stored(position: Position): void {
    this.options.onPosition(position);
    // A table that was only emptied is emptied again by the next attempt: a failure now is no new one.
    if (position.current?.after !== null) this.options.progress.published(undefined);
  }

  private async drained(): Promise<void> {
    await this.outgoing.drained();
    this.options.signal.throwIfAborted();
    if (this.failure !== undefined) throw this.failure;
  }

  private fail(error: unknown): void {
    this.failure = error;
    this.outgoing.end();
    this.line.socket.destroy();
  }

  private report(): void {
    const { tables, progress } = this.options;
    const isDone = ({ oid, member }: PublishedTable): boolean => this.position.done[oid] === member;
    const done = tables.filter(isDone);
    const estimates = tables.map(({ estimate }) => estimate);
    const known = estimates.every((estimate) => estimate !== null);
    const total = known ? estimates.reduce((sum, estimate) => sum + estimate, 0) : null;
    const read = done.reduce((sum, { estimate }) => sum + (estimate ?? 0), 0) + (this.position.current ? this.rows : 0);
    const share = total ? read / Math.max(total, read) : done.length / Math.max(1, tables.length);
    progress.snapshotting({
      tables: tables.length,
      tables_done: done.length,
      rows_done: read,
      rows_estimated: total,
      percent: done.length === tables.length ? 100 : Math.min(99.9, Math.round(share * 1_000) / 10),
    });
  }
}
