import { isMembers, type JsonValue, type Members } from '../json.js';

/** From the body of a connection to the settings of a bucket that is attached to it. */
const MAX_DEPTH = 4;

/** The body of a connection without its blank texts: forms send them for what was not filled in, so they count as not given. */
export function withoutBlanks(body: Members, depth = MAX_DEPTH): Members {
  const given = Object.entries(body).filter(([, value]) => !(typeof value === 'string' && value.trim() === ''));
  return Object.fromEntries(given.map(([name, value]) => [name, depth === 0 ? value : within(value, depth - 1)]));
}

function within(value: JsonValue, depth: number): JsonValue {
  if (Array.isArray(value)) return value.map((each) => (isMembers(each) ? withoutBlanks(each, depth) : each));
  return isMembers(value) ? withoutBlanks(value, depth) : value;
}
