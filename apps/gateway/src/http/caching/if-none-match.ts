/**
 * Whether the client has the version with this ETag. The comparison is weak (RFC 9110 §13.1.2): proxies that compress an answer weaken its
 * ETag.
 * @param known the client's If-None-Match: ETags, or `*` for any
 * @param etag without a comma in it
 */
export function isKnown(known: string | undefined, etag: string): boolean {
  if (known === undefined) return false;
  // What nearly every client sends: the hot routes do nothing else.
  if (known === etag) return true;
  const wanted = opaque(etag);
  if (!known.includes(',')) return known.trim() === '*' || opaque(known) === wanted;
  return known.split(',').some((tag) => opaque(tag) === wanted);
}

function opaque(etag: string): string {
  const trimmed = etag.trim();
  return trimmed.startsWith('W/') ? trimmed.slice(2) : trimmed;
}
