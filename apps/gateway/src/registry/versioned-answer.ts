import type { FastifyReply } from 'fastify';
import { etagOf } from './path-name.js';

export interface VersionedAnswer<Body> {
  readonly version: number;
  readonly body: Body;
  /** The client's If-None-Match. */
  readonly known: string | undefined;
}

/** The resource with its ETag, or 304 and nothing for a client that has this version. */
export function versionedAnswer<Body>(
  reply: FastifyReply,
  { version, body, known }: VersionedAnswer<Body>,
): Body | undefined {
  const etag = etagOf({ version });
  void reply.headers({ etag, 'cache-control': 'private, no-cache' });
  if (!includes(known, etag)) return body;
  void reply.code(304);
  return undefined;
}

/** The comparison is weak (RFC 9110 §13.1.2): proxies that compress an answer weaken its ETag. */
function includes(known: string | undefined, etag: string): boolean {
  const tags = (known ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}
