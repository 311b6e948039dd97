import type { FastifyRequest } from 'fastify';
import { ApiError } from './errors/api-error.js';
import { declaresBody } from './unread-body.js';

/** A body is taken only as it is. @throws ApiError 415 where it is compressed */
export function refuseEncodedBody({ headers, raw }: FastifyRequest): void {
  const codings = (headers['content-encoding'] ?? '').split(',').map((coding) => coding.trim().toLowerCase());
  const encoded = codings.find((coding) => coding !== '' && coding !== 'identity');
  if (encoded === undefined || !declaresBody(raw)) return;
  throw new ApiError({
    status: 415,
    code: 'unsupported_media_type',
    detail: 'The body is compressed: send it without Content-Encoding.',
    headers: { 'accept-encoding': 'identity' },
  });
}
