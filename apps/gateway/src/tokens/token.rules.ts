import { tokenSeconds, type CreateTokenBody, type Role } from '@signalbox/contracts/http';

/** What of a key a token depends on. */
export interface KeyOfToken {
  readonly role: Role;
  /** In effect; empty: all that the role may do. */
  readonly scopes: readonly string[];
  readonly expiresAt: Date | null;
}

/** When a token ends, Unix ms, in whole seconds: with its key at the latest. */
export function endOfToken(
  { ttl_seconds: ttl }: Pick<CreateTokenBody, 'ttl_seconds'>,
  { expiresAt }: Pick<KeyOfToken, 'expiresAt'>,
  { nowMs, defaultTtl }: { readonly nowMs: number; readonly defaultTtl: number },
): number {
  const seconds = ttl ?? Math.min(Math.max(defaultTtl, tokenSeconds.min), tokenSeconds.max);
  const end = Math.floor(nowMs / 1_000) * 1_000 + seconds * 1_000;
  return Math.min(end, expiresAt?.getTime() ?? Infinity);
}

/** The first scope that the key does not have. */
export const scopeBeyond = (wanted: readonly string[], { scopes }: Pick<KeyOfToken, 'scopes'>): string | undefined =>
  scopes.length === 0 ? undefined : wanted.find((scope) => !scopes.includes(scope));
