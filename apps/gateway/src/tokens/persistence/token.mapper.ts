import type { Token } from '@signalbox/contracts/http';
import type { TokenRow } from './token.entity.js';

/** The token as `/v1/tokens` shows it. */
export function toToken(row: TokenRow): Token {
  return {
    id: row.id,
    key_id: row.keyId,
    name: row.name,
    role: row.role,
    scopes: row.scopes,
    created_at: row.createdAt.toISOString(),
    created_by: row.createdBy,
    expires_at: row.expiresAt.toISOString(),
    revoked_at: row.revokedAt?.toISOString() ?? null,
  };
}
