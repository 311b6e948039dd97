import { randomUUID } from 'node:crypto';
import type { Quotas } from '@signalbox/contracts/http';
import { generateApiKey, hashApiKey, hintOf } from './api-key.js';
import { tooManyKeys } from './key-errors.js';
import type { ApiKeyRow } from './persistence/api-key.entity.js';

/** What is chosen for a key; the rest is made. */
export type KeyRules = Pick<
  ApiKeyRow,
  | 'name'
  | 'role'
  | 'kind'
  | 'mode'
  | 'scopes'
  | 'networks'
  | 'account'
  | 'readers'
  | 'dataplane'
  | 'createdAt'
  | 'createdBy'
  | 'expiresAt'
> &
  Partial<Pick<ApiKeyRow, 'rotatedFrom'>>;

/** @param key the key itself, where it is given and not generated */
export function newKey(
  { rotatedFrom = null, ...rules }: KeyRules,
  key = generateApiKey(rules.mode, rules.kind),
): { key: string; row: ApiKeyRow } {
  const row: ApiKeyRow = {
    id: `key_${randomUUID()}`,
    ...rules,
    sha256: hashApiKey(key),
    hint: hintOf(key),
    revokedAt: null,
    rotatedTo: null,
    rotatedFrom,
    lastUsedAt: null,
  };
  return { key, row };
}

/** For one more than these. @throws ApiError 409 quota_exceeded */
export const demandRoom =
  ({ keys: most }: Quotas) =>
  (used: number): void => {
    if (used >= most) throw tooManyKeys({ most, used });
  };
