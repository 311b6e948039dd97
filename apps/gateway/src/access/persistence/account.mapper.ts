import type { Account, Tier } from '@signalbox/contracts/http';
import type { AccountEntry } from '@signalbox/contracts/streams';
import type { AccountRow } from './account.entity.js';
import type { TierRow } from './tier.entity.js';

/** The tier as `/v1/tiers` shows it, which is also its entry in the stream. */
export function toTier({ name, requestsPerHour, burstPerSecond }: TierRow): Tier {
  return { name, requests_per_hour: requestsPerHour, burst_per_second: burstPerSecond };
}

/** The account as `/v1/accounts` shows it. */
export function toAccount({ id, name, tier, createdAt }: AccountRow): Account {
  return { id, name, tier, created_at: createdAt.toISOString() };
}

/** The account as an entry of the stream. */
export function toAccountEntry({ id, name, tier }: AccountRow): AccountEntry {
  return { id, name, tier };
}
