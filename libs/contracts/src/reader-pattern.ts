import { z } from 'zod';

const MOST_STARS = 4;

/** Ids of readers: 1 to 200 of `A-Z a-z 0-9 . _ : / -`, and `*` for any characters, also none. */
export const readerPattern = z
  .string()
  .regex(/^[A-Za-z0-9._:/*-]{1,200}$/, 'must be 1 to 200 of A-Z a-z 0-9 . _ : / - and *')
  .refine((pattern) => pattern.split('*').length <= MOST_STARS + 1, `must have at most ${MOST_STARS} *`);

/**
 * Whether an id is covered by a pattern, as a function of the id. It takes the first place for each part of the pattern, which is as good as
 * any other: a regular expression with four `.*` tries all places, for more than a second.
 * @param pattern see `readerPattern`
 */
export function readersOf(pattern: string): (readerId: string) => boolean {
  const [first = '', ...parts] = pattern.split('*');
  const last = parts.pop();
  if (last === undefined) return (readerId) => readerId === pattern;
  return (readerId) => {
    const end = readerId.length - last.length;
    if (end < first.length || !readerId.startsWith(first) || !readerId.endsWith(last)) return false;
    let from = first.length;
    for (const part of parts) {
      const at = readerId.indexOf(part, from);
      if (at === -1 || at + part.length > end) return false;
      from = at + part.length;
    }
    return true;
  };
}
