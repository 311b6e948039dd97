import { arrayText } from './array-text.js';

/** Writes a value, given as Postgres' text, as JSON. */
export type ValueEncoder = (text: string) => string;

// Everything is checked before it is put between the quotes of others: the text may come from a server that was made to deceive.
// oxlint-disable-next-line no-control-regex
const ESCAPED = /["\\\u0000-\u001f]/;
const INTEGER = /^-?\d{1,19}$/;
const FLOAT = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/;
const TIMESTAMP = /^\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?$/;
const IN_UTC = '+00';

export const quoted: ValueEncoder = (text) => (ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`);

const integer: ValueEncoder = (text) => (INTEGER.test(text) ? text : quoted(text));

/** `NaN` and `Infinity` have no number in JSON. */
const float: ValueEncoder = (text) => (FLOAT.test(text) ? text : quoted(text));

const boolean: ValueEncoder = (text) => (text === 't' ? 'true' : 'false');

const bytes: ValueEncoder = (text) =>
  text.startsWith('\\x') ? `"${Buffer.from(text.slice(2), 'hex').toString('base64')}"` : quoted(text);

/** Without a zone, since it has none. `infinity` and years before Christ stay Postgres' text. */
const timestamp: ValueEncoder = (text) => (TIMESTAMP.test(text) ? `"${text.replace(' ', 'T')}"` : quoted(text));

const timestampInZone: ValueEncoder = (text) => {
  const local = text.slice(0, -IN_UTC.length);
  return text.endsWith(IN_UTC) && TIMESTAMP.test(local) ? `"${local.replace(' ', 'T')}Z"` : quoted(text);
};

/** The text as it is, so that no digit of a number is lost. */
const json: ValueEncoder = (text) => (isJson(text) ? text : quoted(text));

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const ENCODERS = new Map<string, ValueEncoder>([
  ['bool', boolean],
  ['int2', integer],
  ['int4', integer],
  ['float4', float],
  ['float8', float],
  ['bytea', bytes],
  ['timestamp', timestamp],
  ['timestamptz', timestampInZone],
  ['json', json],
  ['jsonb', json],
]);

/** Types of `pg_catalog` that are not written as their text: the stream names them by number only. */
const NAMES = new Map<number, string>([
  [16, 'bool'],
  [17, 'bytea'],
  [21, 'int2'],
  [23, 'int4'],
  [114, 'json'],
  [700, 'float4'],
  [701, 'float8'],
  [1114, 'timestamp'],
  [1184, 'timestamptz'],
  [3802, 'jsonb'],
  [1000, '_bool'],
  [1001, '_bytea'],
  [1005, '_int2'],
  [1007, '_int4'],
  [199, '_json'],
  [1021, '_float4'],
  [1022, '_float8'],
  [1115, '_timestamp'],
  [1185, '_timestamptz'],
  [3807, '_jsonb'],
  // Arrays whose elements are text.
  ...[
    1016, 1231, 1002, 1009, 1014, 1015, 1028, 1041, 651, 1040, 1182, 1183, 1187, 1270, 2951, 1561, 1563, 791, 1003,
    2949, 3905, 3907, 3909, 3911, 3913, 3927, 1017, 1018, 1019, 1020, 1027, 629, 719, 3643, 3645, 775, 143, 4073, 3221,
  ].map((oid): [number, string] => [oid, '_text']),
]);

/** The encoder of a type. `name`: of a type that is not of `pg_catalog`; of a domain the type below it. */
export function encoderOf(oid: number, name?: string): ValueEncoder {
  const known = name ?? NAMES.get(oid);
  if (known === undefined) return quoted;
  if (known.startsWith('_')) return arrayEncoder(ENCODERS.get(known.slice(1)) ?? quoted);
  return ENCODERS.get(known) ?? quoted;
}

const arrayEncoder =
  (element: ValueEncoder): ValueEncoder =>
  (text) => {
    const array = arrayText(text, element);
    return array !== undefined && isJson(array) ? array : quoted(text);
  };
