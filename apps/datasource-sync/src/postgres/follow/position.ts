import { z } from 'zod';
import type { Seen } from '../snapshot/begin-reading.js';
import type { PublishedTable } from '../snapshot/published-tables.js';

/** Where the reading of a database stands, as it is stored with batches. */
export const position = z.object({
  generation: z.int(),
  slot: z.string(),
  /** The ids of rows that are read now have it. */
  lsn: z.string(),
  /** Not all tables were read yet since the slot was made: nothing was read from it. */
  isFirst: z.boolean().default(false),
  /** Tables that were read: oid to what made them a member of the publication, so that one that was taken out and put back is read again. */
  done: z.record(z.string(), z.string()),
  /**
   * Of tables without a key that were read later than the slot begins: oid to the transactions that their rows come from (`xmin:xmax:open,…`), all of which were
   * committed before the LSN `until`.
   */
  readWith: z.record(z.string(), z.object({ snapshot: z.string(), until: z.string() })).default({}),
  current: z
    .object({
      oid: z.string(),
      member: z.string(),
      /** Grows each time the table is begun with a `truncate`; the ids of its rows have it. */
      attempt: z.int(),
      /** The key of the last row that was published, as text; null: none yet, or the table has no key. */
      after: z.array(z.string()).nullable(),
      rows: z.int(),
    })
    .nullable(),
  /** Why this generation is not followed any more. */
  ended: z.string().nullable(),
});
export type Position = z.infer<typeof position>;

/** The stored position, if it is of this generation and slot. */
export function readPosition(
  stored: unknown,
  { generation, slot }: { generation: number; slot: string },
): Position | undefined {
  const parsed = position.safeParse(stored);
  return parsed.success && parsed.data.generation === generation && parsed.data.slot === slot ? parsed.data : undefined;
}

/** When the rows of a table are read. `seen`: where they are not those from which the slot begins. */
export function afterTable(
  position: Position,
  { oid, member, key }: PublishedTable,
  tables: readonly PublishedTable[],
  seen: Seen | undefined,
): Position {
  const done = { ...position.done, [oid]: member };
  const isFirst = position.isFirst && tables.some((other) => done[other.oid] !== other.member);
  const { [oid]: _, ...readWith } = position.readWith;
  if (key.length === 0 && seen) readWith[oid] = seen;
  return { ...position, isFirst, done, readWith, current: null };
}
