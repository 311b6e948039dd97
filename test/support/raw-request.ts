import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface RawRequest {
  /** `GET /status`. */
  readonly line: string;
  /** As the client sends them, in its order; `Host` stands for itself and gets the address of the server. */
  readonly headers: readonly string[];
  readonly body?: string;
}

/** Sends exactly these bytes over a connection of its own. */
export function sendRaw(baseUrl: string, { line, headers, body = '' }: RawRequest): Promise<RawAnswer> {
  const { hostname, port, host } = new URL(baseUrl);
  const head = [`${line} HTTP/1.1`, ...headers.map((header) => (header === 'Host' ? `Host: ${host}` : header))];
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    let received = '';
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed after: ${received}`)));
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      const answer = parse(received);
      if (answer === undefined) return;
      resolve(answer);
      socket.destroy();
    });
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  });
}

/** Undefined while a part of the answer is missing. */
function parse(text: string): RawAnswer | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((each): [string, string] => [
      each.slice(0, each.indexOf(':')).toLowerCase(),
      each.slice(each.indexOf(':') + 1).trim(),
    ]),
  );
  const body = text.slice(end + 4);
  if (body.length < Number(headers['content-length'] ?? 0)) return undefined;
  return { status: Number(statusLine.split(' ')[1]), headers, body };
}
