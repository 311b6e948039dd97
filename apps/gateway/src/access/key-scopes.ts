import { readScopes, type KeyKind } from '@signalbox/contracts/http';

/** The scopes that a key has in effect: a publishable key can only read. */
export function scopesOf({ kind, scopes }: { kind: KeyKind; scopes: readonly string[] }): readonly string[] {
  return kind === 'publishable' && scopes.length === 0 ? readScopes : scopes;
}
