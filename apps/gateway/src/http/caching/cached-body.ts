import { createHash } from 'node:crypto';

/** A body that is built once per change, however often it is requested. */
export interface CachedBody {
  /** Weak if a part of the body differs in each answer. */
  readonly etag: string;
  readonly bytes: Buffer;
}

/** A body that never changes, made when it is first requested: a start does not wait for what few processes are asked for. */
export function fixedBody(make: () => string | Buffer): () => CachedBody {
  let made: CachedBody | undefined;
  return () => (made ??= bodyOf(Buffer.from(make())));
}

function bodyOf(bytes: Buffer): CachedBody {
  return { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url')}"` };
}
