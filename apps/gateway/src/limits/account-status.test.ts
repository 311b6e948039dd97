import { gatewayStream, type JsonValue } from '@signalbox/contracts/streams';
import type { Database } from '@signalbox/persistence';
import { Metrics } from '@signalbox/platform';
import { FollowedStreams } from '@signalbox/state-streams';
import { collectLogs, FakeClock } from '@signalbox/testing';
import { describe, expect, it } from 'vitest';
import { TiersView } from '../access/tiers.view.js';
import type { Caller } from '../http/caller.js';
import { AccountStatus } from './account-status.js';
import { Bursts } from './bursts.js';
import { LimitMetrics } from './limits.metrics.js';
import { QuotaExchange } from './quota-exchange.js';
import { QuotaRepository } from './quota.repository.js';
import { Quotas } from './quotas.js';
import { RequestLimiter } from './request-limiter.js';

const { account, tier } = gatewayStream.entries;

describe('AccountStatus', () => {
  const caller: Caller = {
    via: 'key',
    id: 'key_1',
    name: 'k',
    role: 'manager',
    mode: 'test',
    account: 'account_1',
    scopes: [],
  };
  const known: [string, JsonValue][] = [
    [account.key('account_1'), { id: 'account_1', name: 'A company', tier: 'gold' }],
    [tier.key('gold'), { name: 'gold', requests_per_hour: 5_000, burst_per_second: 50 }],
  ];
  const statusWith = (entries: [string, JsonValue][]): AccountStatus => {
    const clock = new FakeClock(Date.UTC(2026, 0, 1, 12, 30));
    const streams = new FollowedStreams();
    streams.follow(gatewayStream).reset(entries);
    const tiers = new TiersView(streams);
    const quotas = new Quotas(clock);
    const exchange = new QuotaExchange(quotas, new QuotaRepository({} as Database), clock, collectLogs().logger);
    const metrics = new LimitMetrics(new Metrics({ service: 'test' }), exchange);
    return new AccountStatus(tiers, new RequestLimiter(tiers, new Bursts(clock), quotas, exchange, metrics, clock));
  };
  const reset_time = '2026-01-01T13:00:00.000Z';

  it('shows the numbers that the headers of the answer have', () => {
    const requestLimit = { limit: 5_000, remaining: 17, resetAt: Date.parse(reset_time) / 1_000, burst: 50 };
    expect(statusWith(known).of({ requestLimit }, caller)).toEqual({
      tier: 'gold',
      type: 'test',
      capabilities: ['manager'],
      rate_limits: { limit: 5_000, remaining: 17, reset_time, burst_limit: 50 },
    });
  });

  it('shows the present numbers where the request was not counted', () => {
    expect(statusWith(known).of({ requestLimit: null }, caller).rate_limits).toEqual({
      limit: 5_000,
      remaining: 5_000,
      reset_time,
      burst_limit: 50,
    });
  });

  it('shows the standard tier while the stream has no tiers', () => {
    expect(statusWith([]).of({ requestLimit: null }, caller)).toMatchObject({
      tier: 'standard',
      rate_limits: { limit: 1_000, burst_limit: 100 },
    });
  });
});
