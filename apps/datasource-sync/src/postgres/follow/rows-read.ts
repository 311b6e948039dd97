import { parseLsn } from '../connect/lsn.js';
import { SeenTransactions } from '../snapshot/seen-transactions.js';
import type { Position } from './position.js';

interface Read {
  readonly seen: SeenTransactions;
  readonly until: bigint;
}

/**
 * Tables without a key whose rows were read later than the slot begins. What their rows came from is in the WAL too, and cannot be recognised
 * by a key: it is left out.
 */
export class RowsRead {
  private readonly tables = new Map<number, Read>();
  private readonly until: bigint;

  constructor(readWith: Position['readWith']) {
    let last = 0n;
    for (const [oid, { snapshot, until }] of Object.entries(readWith)) {
      const seen = SeenTransactions.parse(snapshot);
      const read = seen && { seen, until: parseLsn(until) };
      if (!read) continue;
      this.tables.set(Number(oid), read);
      if (read.until > last) last = read.until;
    }
    this.until = last;
  }

  /** The tables whose rows came after this transaction; `commit`: its LSN. */
  after(xid: number, commit: bigint): ReadonlySet<number> | undefined {
    if (commit >= this.until) return undefined;
    const isSeen = ({ seen, until }: Read): boolean => commit < until && seen.has(xid);
    return new Set([...this.tables].filter(([, read]) => isSeen(read)).map(([oid]) => oid));
  }
}

/** Without those that the slot has passed. */
export const stillAhead = (readWith: Position['readWith'], confirmed: string): Position['readWith'] =>
  Object.fromEntries(Object.entries(readWith).filter(([, { until }]) => parseLsn(until) > parseLsn(confirmed)));
