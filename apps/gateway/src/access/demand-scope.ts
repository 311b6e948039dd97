import { ApiError } from '../http/errors/api-error.js';
import type { Caller } from '../http/caller.js';
import type { RequiredScope } from '../http/route-policies.js';

/** A caller without scopes may do all that its role allows. */
export const covers = ({ scopes }: Pick<Caller, 'scopes'>, required: RequiredScope): boolean =>
  scopes.length === 0 || required === 'own' || scopes.includes(required);

/** @throws ApiError 403 */
export function demandScope({ scopes }: Pick<Caller, 'scopes'>, required: RequiredScope): void {
  if (covers({ scopes }, required)) return;
  throw insufficientScope(
    required === 'outside'
      ? 'No scope covers this request: it requires a key without scopes.'
      : `This request requires the scope ${required}. The scopes of this key: ${scopes.join(', ')}.`,
  );
}

/**
 * A caller that has scopes cannot give a key more of them than it has.
 * @param wanted of the new key; empty: all
 * @throws ApiError 403
 */
export function demandScopesToGive({ scopes: held }: Pick<Caller, 'scopes'>, wanted: readonly string[]): void {
  if (held.length === 0) return;
  const missing = wanted.filter((scope) => !held.includes(scope));
  if (wanted.length > 0 && missing.length === 0) return;
  const what = wanted.length === 0 ? 'a key without scopes' : `the scope ${missing[0]}`;
  throw insufficientScope(`This key cannot give ${what}. Its own scopes: ${held.join(', ')}.`);
}

const insufficientScope = (detail: string): ApiError =>
  new ApiError({
    status: 403,
    code: 'insufficient_scope',
    detail,
    suggestion: 'Ask an admin for a key with the scope, or without scopes.',
  });
