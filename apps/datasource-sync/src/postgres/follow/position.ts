import { z } from 'zod';

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
