import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** What decides whether a request is refused. */
export type RequestHead = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'socket'>;

const REQUEST_LINE = /^([A-Z]+) (\/\S*) HTTP\/1\.1$/;
const HEADER = /^([\w!#$%&'*+.^`|~-]+):[ \t]*(.*?)[ \t]*$/;

/** The first request in the bytes. Undefined where that is not certain, and where Node.js has to read it: an incomplete head, a repeated header. */
export function headIn(bytes: Buffer): Omit<RequestHead, 'socket'> | undefined {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
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
    headers.set(name.toLowerCase(), value);
  }
  return Object.fromEntries(headers);
}
