import { createHash } from 'node:crypto';
import type { CachedBody } from '../plain-answer.js';

/** A body that never changes, made when it is first requested: a start does not wait for what few processes are asked for. */
export function fixedBody(make: () => string | Buffer): () => CachedBody {
  let made: CachedBody | undefined;
  return () => (made ??= bodyOf(Buffer.from(make())));
}

function bodyOf(bytes: Buffer): CachedBody {
  return { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url')}"` };
}
