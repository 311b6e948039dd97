/** No body of any API is nested deeper than a dozen levels. Beyond some thousands `JSON.stringify` fails, which passes bodies on. */
const MOST_LEVELS = 100;

/** Whether a parsed body is nested deeper than any route can use. */
export function isTooDeep(body: unknown): boolean {
  let level = [body].filter(isNested);
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > MOST_LEVELS) return true;
    level = level.flatMap((value) => Object.values(value).filter(isNested));
  }
  return false;
}

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null;
