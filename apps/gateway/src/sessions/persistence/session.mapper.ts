import type { Session } from '@signalbox/contracts/http';
import type { SessionEntry } from '@signalbox/contracts/streams';
import type { SessionRow } from './session.entity.js';

/** The session as `/v1/sessions` shows it. */
export const toSession = (row: SessionRow): Session => ({
  id: row.id,
  person: row.person,
  name: row.name,
  role: row.role,
  account: row.account,
  created_at: row.createdAt.toISOString(),
  expires_at: row.expiresAt.toISOString(),
  idle_expires_at: row.idleExpiresAt.toISOString(),
});

/** The session as an entry of the gateways' stream, from which each process authenticates. */
export const toSessionEntry = (row: SessionRow): SessionEntry => ({
  id: row.id,
  sha256: row.sha256,
  person: row.person,
  name: row.name,
  role: row.role,
  account: row.account,
  expires_at: row.expiresAt.getTime(),
  idle_expires_at: row.idleExpiresAt.getTime(),
});
