import { eventually } from '@signalbox/testing';
import { expect } from 'vitest';
import type { System } from './system.js';
import type { Service } from './service.js';

const HOUR_SECONDS = 3_600;

/** A quota ends with the hour: no test of one may run across the end of an hour. */
export const untilHourIsLong = (): Promise<unknown> =>
  eventually(() => (Date.now() / 1_000) % HOUR_SECONDS < HOUR_SECONDS - 60, { timeoutMs: 90_000 });

/** A tier, an account on it and a key of that account. */
export interface LimitedKey {
  readonly account: string;
  readonly id: string;
  readonly key: string;
}

export interface LimitedKeyOptions {
  readonly tier: string;
  readonly hour: number;
  readonly burst?: number;
  readonly role?: string;
}

/** Creates all three through the API. */
export async function limitedKey<S extends Service>(
  system: System<S>,
  { tier, hour, burst = 1_000_000, role = 'admin' }: LimitedKeyOptions,
): Promise<LimitedKey> {
  const send = async (method: string, path: string, body: unknown): Promise<Record<string, string>> => {
    const response = await system.send(method, path, body);
    expect(response.status).toBeLessThan(300);
    return (await response.json()) as Record<string, string>;
  };
  await send('PUT', `/v1/tiers/${tier}`, { requests_per_hour: hour, burst_per_second: burst });
  const { id: account } = await send('POST', '/v1/accounts', { name: tier, tier });
  const { id, key } = await send('POST', '/v1/keys', { name: tier, role, account });
  return { account: account!, id: id!, key: key! };
}
