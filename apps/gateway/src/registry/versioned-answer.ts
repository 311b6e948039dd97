import type { FastifyReply } from 'fastify';
import { isKnown } from '../http/caching/if-none-match.js';
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
  if (!isKnown(known, etag)) return body;
  void reply.code(304);
  return undefined;
}
