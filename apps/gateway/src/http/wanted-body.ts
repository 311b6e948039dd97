import type { FastifyRequest } from 'fastify';
import { refuseEncodedBody } from './content-encoding.js';
import { unsupportedMediaType } from './errors/to-api-error.js';
import { declaresBody } from './unread-body.js';

/** For a route that takes a body. @throws ApiError 415 where it is no JSON, or compressed */
export function refuseWrongBody(request: FastifyRequest): void {
  const { headers, raw } = request;
  // Some clients send a content type without a body, which a parser would refuse.
  if (!declaresBody(raw)) delete headers['content-type'];
  const type = headers['content-type'];
  if (type !== undefined && !/^application\/json\s*(;|$)/i.test(type)) throw unsupportedMediaType();
  refuseEncodedBody(request);
}

/** For a route that takes no body: hides what was sent from Fastify, which would read it. Clients send `{}` where they have nothing to say. */
export function hideBody({ headers }: FastifyRequest): void {
  for (const name of ['content-type', 'content-length', 'transfer-encoding']) delete headers[name];
}
