import type { PublishedTable } from '../snapshot/published-tables.js';

/** The tables are not those that were looked up: they are to be looked up again. */
export class TablesChanged extends Error {
  override readonly name = 'TablesChanged';
}

type Known = Pick<PublishedTable, 'key' | 'keyIsAt'> & { readonly names: readonly string[] };

/** Of a table, each with other columns. */
const REMEMBERED = 3;

/**
 * The primary keys of tables with `REPLICA IDENTITY FULL`, which the stream does not name. The catalog has them as they are now, while
 * changes are sent as they were: with the names that the columns had then.
 */
export class FullKeys {
  /** By oid, the newest first. */
  private readonly tables = new Map<number, readonly Known[]>();
  private lookedUpAt = 0n;
  private askedFor: bigint | undefined;

  /** `at`: where the WAL ended before the tables were looked up. */
  lookedUp(tables: readonly PublishedTable[], at: bigint): void {
    this.lookedUpAt = at;
    for (const { oid, isFull, key, keyIsAt, columns } of tables) {
      const names = columns.map(({ name }) => name);
      const former = (this.tables.get(Number(oid)) ?? []).filter((known) => !isSame(known.names, names));
      if (isFull) this.tables.set(Number(oid), [{ key, keyIsAt, names }, ...former].slice(0, REMEMBERED));
      else this.tables.delete(Number(oid));
    }
  }

  /**
   * The key of a table that has these columns in a transaction with this commit LSN; empty: it has none, or it is not known which columns are those of the key that the
   * catalog has now.
   * @throws TablesChanged where the table may have changed since it was looked up
   */
  of(oid: number, columns: readonly string[], commit: bigint): readonly string[] {
    const known = this.tables.get(oid) ?? [];
    const same = known.find(({ names }) => isSame(names, columns));
    if (same) return same.key;
    // Once, whatever the server says of its WAL.
    if (commit >= this.lookedUpAt && commit !== this.askedFor) {
      this.askedFor = commit;
      throw new TablesChanged('a table is not as it was looked up');
    }
    const [newest] = known;
    return newest ? formerKey(newest, columns) : [];
  }
}

/** What the columns of a key were called when the table had these columns. New columns come last, so a column keeps its place unless one before it is dropped. */
function formerKey({ key, keyIsAt, names }: Known, columns: readonly string[]): readonly string[] {
  if (keyIsAt === null) return key.every((name) => columns.includes(name)) ? key : [];
  const before = columns.slice(0, Math.max(-1, ...keyIsAt) + 1);
  // A name that is now in another place was given to another column: nothing is certain then.
  const isInPlace = before.every((name, index) => [-1, index].includes(names.indexOf(name)));
  return isInPlace && keyIsAt.every((at) => at < columns.length) ? keyIsAt.map((at) => columns[at]!) : [];
}

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((name, index) => name === other[index]);
