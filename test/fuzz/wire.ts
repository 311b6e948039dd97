import { Agent, request } from 'node:http';

/** A request as it is sent: nothing of it is normalised. */
export interface Sent {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

export interface Answer {
  readonly status: number;
  /** Without its parameters; empty if there is none. */
  readonly contentType: string;
  readonly body: string;
  /** The names of its headers, in lower case. */
  readonly headers: ReadonlySet<string>;
}

/** Connections to one server. */
export class Wire {
  private readonly agent = new Agent({ keepAlive: true });
  private readonly port: number;

  constructor(baseUrl: string) {
    this.port = Number(new URL(baseUrl).port);
  }

  /** @throws where no answer comes within `withinMs` */
  send({ method, target, headers, body }: Sent, withinMs: number): Promise<Answer> {
    const length =
      body === undefined || 'transfer-encoding' in headers ? {} : { 'content-length': String(body.length) };
    const options = {
      agent: this.agent,
      host: '127.0.0.1',
      port: this.port,
      method,
      path: target,
      headers: { ...length, ...headers },
      signal: AbortSignal.timeout(withinMs),
    };
    return new Promise((resolve, reject) => {
      const outgoing = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          const [contentType = ''] = (response.headers['content-type'] ?? '').split(';');
          resolve({
            status: response.statusCode ?? 0,
            contentType,
            body: Buffer.concat(chunks).toString(),
            headers: new Set(Object.keys(response.headers)),
          });
        });
      });
      // Also after an answer that came before the whole body was sent: then nothing listens to the promise any more.
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
