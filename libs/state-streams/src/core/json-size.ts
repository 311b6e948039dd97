/** Members, braces and commas around a key and a value, and the largest version. */
const AROUND_BYTES = 48;

/** Bytes that a change or an entry takes as JSON in UTF-8, at most. */
export const bytesOfEntry = (key: string, value: unknown): number =>
  AROUND_BYTES + Buffer.byteLength(JSON.stringify(key)) + Buffer.byteLength(JSON.stringify(value));
