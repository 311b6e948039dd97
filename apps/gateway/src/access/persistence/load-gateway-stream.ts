import {
  gatewayStream,
  type AccountEntry,
  type ApiKeyEntry,
  type NoticeEntry,
  type TierEntry,
} from '@signalbox/contracts/streams';
import type { Query } from '@signalbox/persistence';

type GatewayEntry = ApiKeyEntry | AccountEntry | TierEntry | NoticeEntry;

/** The whole content of the gateways' stream. */
export async function loadGatewayStream(query: Query): Promise<[string, GatewayEntry][]> {
  const { key, account, tier, notice } = gatewayStream.entries;
  const keys = await query<ApiKeyEntry>(`
    SELECT id, name, role, kind, mode, scopes, networks, account, sha256, (extract(epoch FROM expires_at) * 1000)::float8 AS expires_at
    FROM api_key WHERE revoked_at IS NULL`);
  const accounts = await query<AccountEntry>('SELECT id, name, tier FROM account');
  const tiers = await query<TierEntry>('SELECT name, requests_per_hour, burst_per_second FROM tier');
  const notices = await query<NoticeEntry>(`
    SELECT id, message, components, (extract(epoch FROM starts_at) * 1000)::float8 AS starts_at,
      (extract(epoch FROM ends_at) * 1000)::float8 AS ends_at
    FROM notice WHERE ends_at > now()`);
  return [
    ...keys.map((entry): [string, GatewayEntry] => [key.key(entry.id), entry]),
    ...accounts.map((entry): [string, GatewayEntry] => [account.key(entry.id), entry]),
    ...tiers.map((entry): [string, GatewayEntry] => [tier.key(entry.name), entry]),
    ...notices.map((entry): [string, GatewayEntry] => [notice.key(entry.id), entry]),
  ];
}
