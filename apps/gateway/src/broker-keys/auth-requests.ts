import type { IncomingMessage, ServerResponse } from 'node:http';
import { ASKED, type Asked } from './asked.js';
import type { Decision, Form } from './key-decisions.js';

/** The broker sends some hundred bytes: names of at most 255 bytes each, encoded. */
const MOST_BYTES = 8_192;
const FORM = 'application/x-www-form-urlencoded';

const PATHS: ReadonlyMap<string | undefined, Asked> = new Map(ASKED.map((asked) => [`/broker/${asked}`, asked]));

interface Answering {
  readonly decide: (asked: Asked, form: Form) => Decision | Promise<Decision>;
  /** Called where `decide` fails. The broker takes it for a refusal. */
  readonly failed: (error: unknown) => void;
}

/** Answers the requests of `rabbitmq_auth_backend_http`: `POST` with a form, to four paths. Everything else is refused with 4xx, unread. */
export const answerAuthRequests =
  ({ decide, failed }: Answering) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const asked = PATHS.get(request.url);
    const refusal = asked === undefined ? 404 : refusalOf(request);
    if (refusal !== undefined) refuse(response, refusal);
    else
      read(request, (body) => {
        if (body === undefined) refuse(response, 413);
        else
          void answer(response, () => decide(asked!, new URLSearchParams(body))).catch((error: unknown) => {
            refuse(response, 500);
            failed(error);
          });
      });
  };

function refusalOf({ method, headers }: IncomingMessage): number | undefined {
  if (method !== 'POST') return 405;
  if (headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() !== FORM) return 415;
  return Number(headers['content-length'] ?? 0) > MOST_BYTES ? 413 : undefined;
}

/** Calls back with undefined for a body that is too large, and not at all for one that ends early. */
function read(request: IncomingMessage, done: (body: string | undefined) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('error', () => undefined);
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MOST_BYTES) return void chunks.push(chunk);
    request.removeAllListeners('data').removeAllListeners('end');
    done(undefined);
  });
  request.on('end', () => done(Buffer.concat(chunks).toString()));
}

async function answer(response: ServerResponse, decide: () => Decision | Promise<Decision>): Promise<void> {
  const decided = decide();
  const decision = decided instanceof Promise ? await decided : decided;
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': decision.length });
  response.end(decision);
}

/** The rest of the request is not read. */
function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { connection: 'close', 'content-length': 0, ...(status === 405 && { allow: 'POST' }) });
  response.end();
}
