import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** What decides whether a request is refused. */
export type RequestHead = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'socket'>;

const REQUEST_LINE = /^([A-Z]+) (\/\S*) HTTP\/1\.1$/;
/** Each character of the value is read once: a value of many spaces would take seconds if the expression looked for its end. */
const HEADER = /^([\w!#$%&'*+.^`|~-]+):(.*)$/;
/** Node.js refuses a larger one. */
const LARGEST_HEAD = 16_384;

/** The first request in the bytes. Undefined where that is not certain, and where Node.js has to read it: an incomplete head, a large one, a repeated header. */
export function headIn(bytes: Buffer): Omit<RequestHead, 'socket'> | undefined {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  if (end === -1 || end > LARGEST_HEAD) return undefined;
  const [requestLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const [, method, url] = REQUEST_LINE.exec(requestLine) ?? [];
  const headers = headersIn(lines);
  return method === undefined || url === undefined || headers === undefined ? undefined : { method, url, headers };
}

function headersIn(lines: readonly string[]): IncomingHttpHeaders | undefined {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = HEADER.exec(line) ?? [];
    if (name === undefined || value === undefined || headers.has(name.toLowerCase())) return undefined;
    headers.set(name.toLowerCase(), withoutBlanks(value));
  }
  return Object.fromEntries(headers);
}

/** As Node.js has it, and not `trim`, which knows more blanks. */
function withoutBlanks(value: string): string {
  let [start, end] = [0, value.length];
  while (start < end && isBlank(value[start])) start += 1;
  while (start < end && isBlank(value[end - 1])) end -= 1;
  return value.slice(start, end);
}

const isBlank = (character: string | undefined): boolean => character === ' ' || character === '\t';
