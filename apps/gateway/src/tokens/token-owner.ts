import { demandRole, includes } from '../access/demand-role.js';
import { demandScope } from '../access/demand-scope.js';
import type { Caller } from '../http/caller.js';
import type { RequiredScope } from '../http/route-policies.js';
import type { TokenRow } from './persistence/token.entity.js';

/** @throws ApiError 403 where the caller may not manage the tokens of all keys */
export function demandAllTokens(caller: Caller, scope: RequiredScope): void {
  demandRole(caller, 'admin');
  demandScope(caller, scope);
}

export const mayManageAllTokens = ({ role, scopes }: Caller, scope: RequiredScope): boolean =>
  includes(role, 'admin') && (scopes.length === 0 || scopes.includes(scope));

/** Whether the caller may revoke the token: its key, or the token itself. */
export const owns = ({ via, id, tokenId }: Caller, token: TokenRow): boolean =>
  token.keyId === id && (via === 'key' || token.id === tokenId);
