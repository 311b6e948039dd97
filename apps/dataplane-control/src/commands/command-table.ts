import type { StreamTransaction } from '@signalbox/persistence';
import type { JsonValue } from '@signalbox/platform';
import type { EntityManager } from 'typeorm';
import { CommandUnknown } from './command-unknown.error.js';

/** Entries of one table that the stream shows; older ones that have ended are in the database only. */
const SHOWN = 200;

/** Most entries of one dataplane that only its events name: agents could make up any number of them. */
const MAX_UNCONFIRMED = 1_000;
/** The largest event of such an entry, characters of JSON: every gateway keeps what it says in memory. */
const MAX_UNCONFIRMED_SIZE = 16_384;

/** What became of a command: a restart, an operation. */
interface CommandEntry {
  readonly id: string;
  readonly dataplane: string;
  readonly state: string;
}

export interface CommandTableOptions {
  readonly table: 'restart' | 'operation';
  /** The key of an entry in the stream. */
  readonly keyOf: (id: string) => string;
  /** States after which an entry does not change any more. */
  readonly ends: ReadonlySet<string>;
}

/** The rows of restarts, or of operations. A change is a change of the stream, too, as far as the stream shows the entry. */
export class CommandTable<Entry extends CommandEntry> {
  private readonly ends: readonly string[];

  constructor(private readonly options: CommandTableOptions) {
    this.ends = [...options.ends];
  }

  async find(manager: EntityManager, id: string): Promise<Entry | undefined> {
    const rows = await manager.query<{ entry: Entry }[]>(`SELECT entry FROM ${this.options.table} WHERE id = $1`, [id]);
    return rows[0]?.entry;
  }

  /** Those that have not ended, of one dataplane or of all, the oldest first. */
  async open(manager: EntityManager, dataplane: string | null): Promise<Entry[]> {
    const rows = await manager.query<{ entry: Entry }[]>(
      `SELECT entry FROM ${this.options.table} WHERE state <> ALL ($1) AND ($2::text IS NULL OR dataplane = $2) ORDER BY number`,
      [this.ends, dataplane],
    );
    return rows.map(({ entry }) => entry);
  }

  /** How many have not ended, by their state. */
  async countOpen(manager: EntityManager): Promise<ReadonlyMap<string, number>> {
    const rows = await manager.query<{ state: string; count: number }[]>(
      `SELECT state, count(*)::int AS count FROM ${this.options.table} WHERE state <> ALL ($1) GROUP BY state`,
      [this.ends],
    );
    return new Map(rows.map(({ state, count }) => [state, count]));
  }

  /** Adds an entry whose command is known to be sent or accepted. */
  add(transaction: StreamTransaction, entry: Entry): Promise<void> {
    return this.insert(transaction, entry, true);
  }

  /**
   * Adds an entry that only an event names so far.
   * @throws CommandUnknown where too many of its dataplane have no copy of their command yet
   */
  async addUnconfirmed(transaction: StreamTransaction, entry: Entry): Promise<void> {
    const { table } = this.options;
    const [row] = await transaction.manager.query<{ count: number }[]>(
      `SELECT count(*)::int AS count FROM ${table} WHERE dataplane = $1 AND NOT confirmed`,
      [entry.dataplane],
    );
    if ((row?.count ?? 0) >= MAX_UNCONFIRMED)
      throw new CommandUnknown(
        `too-many-unconfirmed`,
        `${MAX_UNCONFIRMED} entries of table ${table} of this dataplane wait for the copy of their command`,
      );
    await this.insert(transaction, entry, false);
  }

  /**
   * Refuses a large event about an entry that only events name so far, or that is not known. It waits for the copy of the command.
   * @throws CommandUnknown
   */
  async requireSmall(manager: EntityManager, id: string, event: object): Promise<void> {
    if (JSON.stringify(event).length <= MAX_UNCONFIRMED_SIZE) return;
    const { table } = this.options;
    const rows = await manager.query<unknown[]>(`SELECT 1 FROM ${table} WHERE id = $1 AND confirmed`, [id]);
    if (rows.length === 0)
      throw new CommandUnknown(
        'too-large-unconfirmed',
        `the event has more than ${MAX_UNCONFIRMED_SIZE} characters, and the copy of its command has not arrived`,
      );
  }

  /** The copy of its command has arrived. @returns whether only events named it until now */
  async confirm(manager: EntityManager, id: string): Promise<boolean> {
    const [rows] = await manager.query<[unknown[], number]>(
      `UPDATE ${this.options.table} SET confirmed = true WHERE id = $1 AND NOT confirmed RETURNING id`,
      [id],
    );
    return rows.length > 0;
  }

  async put(transaction: StreamTransaction, entry: Entry): Promise<void> {
    const { table, keyOf } = this.options;
    const [rows] = await transaction.manager.query<[{ in_stream: boolean }[], number]>(
      `UPDATE ${table} SET dataplane = $2, state = $3, entry = $4 WHERE id = $1 RETURNING in_stream`,
      [entry.id, entry.dataplane, entry.state, entry],
    );
    if (rows[0]?.in_stream === true) transaction.put(keyOf(entry.id), asJson(entry));
  }

  private async insert(transaction: StreamTransaction, entry: Entry, confirmed: boolean): Promise<void> {
    const { table, keyOf } = this.options;
    await transaction.manager.query(
      `INSERT INTO ${table} (id, dataplane, state, entry, confirmed) VALUES ($1, $2, $3, $4, $5)`,
      [entry.id, entry.dataplane, entry.state, entry, confirmed],
    );
    transaction.put(keyOf(entry.id), asJson(entry));
    await this.hideOld(transaction);
  }

  private async hideOld(transaction: StreamTransaction): Promise<void> {
    const { table, keyOf } = this.options;
    const [rows] = await transaction.manager.query<[{ id: string }[], number]>(
      `UPDATE ${table} SET in_stream = false WHERE in_stream AND state = ANY ($1)
       AND number <= (SELECT number FROM ${table} WHERE in_stream ORDER BY number DESC OFFSET $2 LIMIT 1) RETURNING id`,
      [this.ends, SHOWN],
    );
    for (const { id } of rows) transaction.remove(keyOf(id));
  }
}

/** Entries are JSON: their schemas of the stream say so. */
const asJson = (entry: CommandEntry): NonNullable<JsonValue> => entry as unknown as NonNullable<JsonValue>;
