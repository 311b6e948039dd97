import { z } from 'zod';

/** More would make matching slow: each `*` may stand for every part of a text. */
const MOST_STARS = 4;

/** Ids of readers: 1 to 200 of `A-Z a-z 0-9 . _ : / -`, and `*` for any characters, also none. */
export const readerPattern = z
  .string()
  .regex(/^[A-Za-z0-9._:/*-]{1,200}$/, 'must be 1 to 200 of A-Z a-z 0-9 . _ : / - and *')
  .refine((pattern) => pattern.split('*').length <= MOST_STARS + 1, `must have at most ${MOST_STARS} *`);

/** Whether an id is covered by a pattern, as a function of the id. @param pattern see `readerPattern` */
export function readersOf(pattern: string): (readerId: string) => boolean {
  const source = pattern.split('*').map((text) => text.replaceAll(/[./]/g, String.raw`\$&`));
  const covered = new RegExp(`^${source.join('.*')}$`);
  return (readerId) => covered.test(readerId);
}
