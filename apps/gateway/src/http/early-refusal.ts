import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { ApiError } from './errors/api-error.js';
import { newRequestId } from './request-id.js';
import type { RoutePolicies } from './route-policies.js';
import { declaresBody } from './unread-body.js';

export interface EarlyRefusals {
  readonly server: Server;
  readonly policies: RoutePolicies;
  /** Which requests are refused. */
  readonly refusalOf: (request: IncomingMessage) => ApiError | undefined;
}

/**
 * Answers requests that are refused before Fastify handles them, which takes a third of the CPU time: many of them must not slow the others
 * down. A request with a body goes the usual way, which knows what to do with the body. To be called before the server listens.
 */
export function refuseEarly({ server, policies, refusalOf }: EarlyRefusals): void {
  const listeners = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const refusal = declaresBody(request) ? undefined : refusalOf(request);
    if (refusal === undefined) for (const serve of listeners) serve(request, response);
    else refuse({ request, response, refusal, policies });
  });
}

interface RefusedRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly refusal: ApiError;
  readonly policies: RoutePolicies;
}

function refuse({ request, response, refusal, policies }: RefusedRequest): void {
  const id = newRequestId();
  const { contentType, body } = policies.of(pathAsSent(request)).errors(refusal, id);
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(refusal.status, {
    ...refusal.headers,
    'content-type': contentType,
    'content-length': bytes.length,
    'x-request-id': id,
    'x-content-type-options': 'nosniff',
  });
  response.end(bytes);
}

/** Not normalized: it may name a route in another spelling. */
export const pathAsSent = ({ url = '/' }: IncomingMessage): string => url.split('?', 1)[0] ?? '/';
