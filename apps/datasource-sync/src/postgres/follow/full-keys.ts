import type { PublishedTable } from '../snapshot/published-tables.js';

/** The tables are not those that were looked up: they are to be looked up again. */
export class TablesChanged extends Error {
  override readonly name = 'TablesChanged';
}

/** Of a table that is renamed column by column. */
const REMEMBERED = 3;

/**
 * The primary keys of tables with `REPLICA IDENTITY FULL`, which the stream does not name. The catalog has them as they are now, while
 * changes are sent as they were: former names stay known for changes that are sent again.
 */
export class FullKeys {
  /** By oid, the newest first. */
  private readonly keys = new Map<number, (readonly string[])[]>();
  private readonly askedFor = new Set<string>();

  lookedUp(tables: readonly PublishedTable[]): void {
    for (const { oid, isFull, key } of tables) {
      const former = (this.keys.get(Number(oid)) ?? []).filter(({ length }) => length > 0);
      if (!isFull) this.keys.delete(Number(oid));
      else if (key.length === 0) this.keys.set(Number(oid), [key]);
      else if (former[0]?.join() !== key.join()) this.keys.set(Number(oid), [key, ...former].slice(0, REMEMBERED));
    }
  }

  /**
   * The key of a table that has these columns; empty: it has none, or the catalog does not have it any more.
   * @throws TablesChanged once for what was looked up: it may have changed since
   */
  of(oid: number, columns: readonly string[]): readonly string[] {
    const known = this.keys.get(oid) ?? [];
    const key = known.find((names) => names.every((name) => columns.includes(name)));
    if (key) return key;
    const question = JSON.stringify([oid, known[0]]);
    if (this.askedFor.has(question)) return [];
    this.askedFor.add(question);
    throw new TablesChanged('a table is not as it was looked up');
  }
}
