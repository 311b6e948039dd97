import { readerSortKeys, type ReaderQuery, type ReaderSortKey } from '@signalbox/contracts/http';
import type { ReaderRecord } from './readers.view.js';

/** Where a reader stands in an order. */
export interface Place {
  readonly value: string | number;
  readonly id: string;
}

export interface ReaderOrder {
  readonly key: ReaderSortKey;
  readonly isDescending: boolean;
  readonly placeOf: (record: ReaderRecord) => Place;
  /** Negative where `a` comes first. */
  readonly compare: (a: Place, b: Place) => number;
}

const VALUES: Readonly<Record<ReaderSortKey, (record: ReaderRecord) => string | number>> = {
  reader_id: ({ entry }) => entry.reader_id,
  since: ({ entry }) => entry.since,
  last_heartbeat_at: ({ receivedAt }) => receivedAt,
};

/** The order that `sort` names. Ids are compared by their bytes. */
export function readerOrder(sort: ReaderQuery['sort']): ReaderOrder {
  const isDescending = sort.startsWith('-');
  const key = keyOf(sort);
  const valueOf = VALUES[key];
  const direction = isDescending ? -1 : 1;
  return {
    key,
    isDescending,
    placeOf: (record) => ({ value: valueOf(record), id: record.entry.reader_id }),
    compare: (a, b) => direction * (compare(a.value, b.value) || compare(a.id, b.id)),
  };
}

/** What a client sends for the page after the reader at this place. */
export const cursorOf = (sort: ReaderQuery['sort'], { value, id }: Place): string =>
  Buffer.from(JSON.stringify([sort, value, id])).toString('base64url');

/** The place in a cursor; undefined where it is none of this order. */
export function placeIn(cursor: string, sort: ReaderQuery['sort']): Place | undefined {
  const [of, value, id, ...more] = partsOf(cursor);
  const isOfOrder = keyOf(sort) === 'reader_id' ? typeof value === 'string' : Number.isSafeInteger(value);
  if (of !== sort || !isOfOrder || typeof id !== 'string' || more.length > 0) return undefined;
  return { value: value as Place['value'], id };
}

const keyOf = (sort: ReaderQuery['sort']): ReaderSortKey => readerSortKeys.find((key) => sort.endsWith(key))!;

/** Ids by their bytes, times by their values. */
export const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);

function partsOf(cursor: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
