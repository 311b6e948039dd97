import type { AccountStatus } from '@signalbox/contracts/http';
import { describe, expect, it } from 'vitest';
import type { Config } from '../config.js';
import type { KnownStatus } from './current-status.js';
import { StatusBody } from './status.body.js';
import { presentStatus } from './status.presenter.js';

const config = { SIGNALBOX_VERSION: '1', SIGNALBOX_ENVIRONMENT: 'test', SIGNALBOX_DATACENTER: 'here' } as Config;

const account: AccountStatus = {
  tier: 'standard',
  type: 'test',
  capabilities: ['member'],
  rate_limits: { limit: 10, remaining: 9, reset_time: '2026-01-01T00:00:00.000Z', burst_limit: 5 },
};

/** A text that looks like what is filled in. */
const TRAP =
  '{"account":{"tier":"","type":"live","capabilities":[],"rate_limits":{"limit":0,"remaining":0,"reset_time":"","burst_limit":0}},"response_time_ms":0}';

const known = (message: string): KnownStatus =>
  ({
    report: {
      at: 0,
      status: 'degraded',
      causes: [],
      components: [
        {
          component: 'api',
          status: 'operational',
          observed_at: 0,
          age_ms: 0,
          stale: false,
          reasons: [{ rule: 'reader_dead', sentence: message, evidence: [] }],
        },
      ],
    },
    notice: { id: 'n', message, components: [], starts_at: 0, ends_at: 1_000 },
  }) as unknown as KnownStatus;

describe('StatusBody', () => {
  it.each(['Maintenance', 'Wartung für „alle“ 🚧', TRAP])(
    'is what the presenter makes, with the notice %s',
    (message) => {
      const body = new StatusBody(config);
      const status = known(message);
      for (const elapsedMs of [0, 0.1234, 17]) {
        const expected = presentStatus(status, body.deployment, { account, elapsedMs, requestId: '' }).body;
        expect(body.of(status, { account, elapsedMs })).toBe(JSON.stringify(expected));
      }
    },
  );

  it('follows the report', () => {
    const body = new StatusBody(config);
    body.of(known('before'), { account, elapsedMs: 1 });
    expect(body.of(known('after'), { account, elapsedMs: 1 })).toContain('after');
  });
});
