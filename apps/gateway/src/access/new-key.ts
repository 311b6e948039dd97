import { randomUUID } from 'node:crypto';
import { generateApiKey, hashApiKey, hintOf } from './api-key.js';
import { tooManyKeys } from './key-errors.js';
import type { ApiKeyRow } from './persistence/api-key.entity.js';
import type { ApiKeyRepository } from './persistence/api-key.repository.js';

const MOST_KEYS = 1_000;

/** What is chosen for a key; the rest is made. */
export type KeyRules = Pick<
  ApiKeyRow,
  'name' | 'role' | 'kind' | 'mode' | 'scopes' | 'networks' | 'account' | 'createdAt' | 'createdBy' | 'expiresAt'
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

/** @throws ApiError 409 too many keys */
export async function demandRoom(keys: ApiKeyRepository, nowMs: number): Promise<void> {
  if ((await keys.countValid(new Date(nowMs))) >= MOST_KEYS) throw tooManyKeys(MOST_KEYS);
}
