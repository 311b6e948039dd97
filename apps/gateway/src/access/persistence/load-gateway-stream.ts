import {
  gatewayStream,
  type AccountEntry,
  type ApiKeyEntry,
  type NoticeEntry,
  type SessionEntry,
  type RevokedTokenEntry,
  type SigningKeyEntry,
  type TierEntry,
} from '@signalbox/contracts/streams';
import type { Query } from '@signalbox/persistence';

type GatewayEntry =
  | ApiKeyEntry
  | AccountEntry
  | TierEntry
  | NoticeEntry
  | SessionEntry
  | SigningKeyEntry
  | RevokedTokenEntry;

/** The whole content of the gateways' stream. `tidyGatewayStream` removes what this leaves out. */
export async function loadGatewayStream(query: Query): Promise<[string, GatewayEntry][]> {
  const { key, account, tier, notice, session, signingKey, revokedToken } = gatewayStream.entries;
  const keys = await query<ApiKeyEntry>(`
    SELECT id, name, role, kind, mode, scopes, networks, account, readers, dataplane, sha256,
      (extract(epoch FROM expires_at) * 1000)::float8 AS expires_at
    FROM api_key WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now() - interval '1 day')`);
  const accounts = await query<AccountEntry>('SELECT id, name, tier FROM account');
  const tiers = await query<TierEntry>('SELECT name, requests_per_hour, burst_per_second FROM tier');
  const notices = await query<NoticeEntry>(`
    SELECT id, message, components, (extract(epoch FROM starts_at) * 1000)::float8 AS starts_at,
      (extract(epoch FROM ends_at) * 1000)::float8 AS ends_at
    FROM notice WHERE ends_at > now()`);
  const sessions = await query<SessionEntry>(`
    SELECT id, sha256, person, name, role, account, (extract(epoch FROM expires_at) * 1000)::float8 AS expires_at,
      (extract(epoch FROM idle_expires_at) * 1000)::float8 AS idle_expires_at
    FROM session`);
  const signingKeys = await query<SigningKeyEntry>('SELECT kid, jwk FROM signing_key WHERE needed_until > now()');
  const revokedTokens = await query<RevokedTokenEntry>(`
    SELECT id, (extract(epoch FROM expires_at) * 1000)::float8 AS expires_at
    FROM token WHERE revoked_at IS NOT NULL AND expires_at > now()`);
  return [
    ...keys.map((entry): [string, GatewayEntry] => [key.key(entry.id), entry]),
    ...accounts.map((entry): [string, GatewayEntry] => [account.key(entry.id), entry]),
    ...tiers.map((entry): [string, GatewayEntry] => [tier.key(entry.name), entry]),
    ...notices.map((entry): [string, GatewayEntry] => [notice.key(entry.id), entry]),
    ...sessions.map((entry): [string, GatewayEntry] => [session.key(entry.id), entry]),
    ...signingKeys.map((entry): [string, GatewayEntry] => [signingKey.key(entry.kid), entry]),
    ...revokedTokens.map((entry): [string, GatewayEntry] => [revokedToken.key(entry.id), entry]),
  ];
}
