import type { ApiKey } from '@signalbox/contracts/http';
import type { ApiKeyEntry } from '@signalbox/contracts/streams';
import type { ApiKeyRow } from './api-key.entity.js';

/** The key as `/v1/keys` shows it. */
export function toApiKey(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    kind: row.kind,
    mode: row.mode,
    scopes: row.scopes,
    networks: row.networks,
    account: row.account,
    readers: row.readers,
    dataplane: row.dataplane,
    hint: row.hint,
    created_at: row.createdAt.toISOString(),
    created_by: row.createdBy,
    expires_at: row.expiresAt?.toISOString() ?? null,
    revoked_at: row.revokedAt?.toISOString() ?? null,
    rotated_to: row.rotatedTo,
    rotated_from: row.rotatedFrom,
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
  };
}

/** The key as an entry of the gateways' stream, from which each process authenticates. */
export function toApiKeyEntry(row: ApiKeyRow): ApiKeyEntry {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    kind: row.kind,
    mode: row.mode,
    scopes: row.scopes,
    networks: row.networks,
    account: row.account,
    readers: row.readers,
    dataplane: row.dataplane,
    sha256: row.sha256,
    expires_at: row.expiresAt?.getTime() ?? null,
  };
}
