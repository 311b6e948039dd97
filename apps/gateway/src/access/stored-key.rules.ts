import type { ApiKeyEntry } from '@signalbox/contracts/streams';
import type { ApiKeyRow } from './persistence/api-key.entity.js';

/** `other`: the stream gives the key other rights than it was given. */
export type StoredState = 'valid' | 'revoked' | 'expired' | 'other';

/** What its row says of a key that the stream has. @param row null where there is none: such a key was never made */
export function storedState(entry: ApiKeyEntry, row: ApiKeyRow | null, nowMs: number): StoredState {
  if (row === null || row.revokedAt !== null) return 'revoked';
  if (row.expiresAt !== null && row.expiresAt.getTime() <= nowMs) return 'expired';
  return rightsOf(entry) === rightsOf(row) ? 'valid' : 'other';
}

/** As text, to be compared. */
const rightsOf = (key: ApiKeyEntry | ApiKeyRow): string => {
  const { sha256, role, kind, mode, scopes, networks, account, readers, dataplane } = key;
  return JSON.stringify([sha256, role, kind, mode, scopes, networks, account, readers, dataplane]);
};
