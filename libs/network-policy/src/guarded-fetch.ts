import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { CollectedBytes } from './collected-bytes.js';
import { checkTarget, guardedLookup, TargetRefused, type TargetRules } from './guarded-socket.js';

export interface GuardedRequest {
  readonly url: URL;
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal: AbortSignal;
  /** Default 1 MiB. */
  readonly maxBytes?: number;
}

export interface GuardedResponse {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Informational responses (`100`, `103`) before the one that counts: each costs as much as a response, and none has a body that would be bounded. */
const MOST_ANNOUNCED = 10;

/** One HTTP request to an allowed target. A redirect is returned as the response and not followed. @throws TargetRefused */
export function guardedFetch(
  { url, method = 'GET', headers = {}, body, signal, maxBytes = 1_048_576 }: GuardedRequest,
  rules: TargetRules,
): Promise<GuardedResponse> {
  return new Promise((resolve, reject) => {
    if (url.protocol !== 'http:' && url.protocol !== 'https:')
      throw new TargetRefused(`${url.protocol} may not be connected to: allowed are http: and https:`);
    const isTls = url.protocol === 'https:';
    const port = Number(url.port || (isTls ? 443 : 80));
    checkTarget({ host: url.hostname, port }, rules);
    const request = (isTls ? requestHttps : requestHttp)(
      url,
      { method, headers, signal, agent: false, lookup: guardedLookup(rules) },
      (response) => {
        const received = new CollectedBytes();
        response.on('data', (piece: Buffer) => {
          if (received.size + piece.length > maxBytes)
            response.destroy(new Error(`the response has more than ${maxBytes} bytes`));
          else received.add(piece);
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: received.bytes() }),
        );
        response.on('error', reject);
      },
    );
    let announced = 0;
    request.on('information', () => {
      announced += 1;
      if (announced > MOST_ANNOUNCED) request.destroy(new Error('the server announces a response and sends none'));
    });
    // A change of protocol, which was not asked for. Node.js closes the connection, and nothing else would end the request.
    request.on('upgrade', ({ statusCode = 0, headers: received }, socket) => {
      socket.destroy();
      resolve({ status: statusCode, headers: received, body: Buffer.alloc(0) });
    });
    request.on('error', reject);
    request.end(body);
  });
}
