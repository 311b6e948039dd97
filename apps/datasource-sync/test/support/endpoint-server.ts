import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly headers: IncomingMessage['headers'];
  readonly method: string;
  readonly body: string;
  /** The cursor in it. */
  readonly cursor: string | undefined;
}

type Answer = (request: SeenRequest, response: ServerResponse, message: IncomingMessage) => void;

/** An endpoint on this machine that answers as a test wants it, also in ways that no honest one would. */
export class EndpointServer {
  readonly requests: SeenRequest[] = [];
  answer: Answer = json({ events: [] });

  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    private readonly scheme: string,
  ) {
    server.on('request', (message: IncomingMessage, response: ServerResponse) => {
      let body = '';
      message.on('data', (chunk: Buffer) => (body += chunk.toString()));
      message.on('end', () => {
        const { cursor } = JSON.parse(body) as { cursor?: string };
        const request = { headers: message.headers, method: message.method ?? '', body, cursor };
        this.requests.push(request);
        this.answer(request, response, message);
      });
    });
  }

  static async start(tls?: { key: string; cert: string }): Promise<EndpointServer> {
    const server = tls ? createTlsServer(tls) : createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new EndpointServer(server, tls ? 'https' : 'http');
  }

  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `${this.scheme}://localhost:${port}/source`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Answers with JSON. */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Answer {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** Serves these pages by their cursor, and an empty one after the last. */
export function feed(pages: readonly (readonly object[])[]): Answer {
  return (request, response, message) => {
    const at = Number(request.cursor ?? 0);
    const events = pages[at] ?? [];
    json({ events, ...(events.length > 0 && { nextCursor: String(at + 1) }) })(request, response, message);
  };
}

export const event = (id: string, more: object = {}): object => ({
  id,
  model: 'orders',
  entityId: `order-${id}`,
  type: 'CREATE',
  data: { total: '19.90' },
  ...more,
});
