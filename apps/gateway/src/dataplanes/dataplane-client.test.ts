import { auditReply } from '@signalbox/contracts/messages';
import type { Amqp, RequestOptions } from '@signalbox/messaging';
import { systemClock } from '@signalbox/platform';
import { expect, it } from 'vitest';
import type { ReadYourWrites } from '../state/read-your-writes.js';
import type { AuditTrail } from './audit-trail.js';
import { DataplaneClient } from './dataplane-client.js';

it('repeats a request whose reply is lost before its patience ends', async () => {
  const requests: RequestOptions<unknown>[] = [];
  const request = async (options: RequestOptions<unknown>): Promise<unknown> => {
    requests.push(options);
    return auditReply.parse({ entries: [] });
  };
  const amqp = { request } as unknown as Amqp;
  await new DataplaneClient(amqp, {} as ReadYourWrites, {} as AuditTrail, systemClock).audit({ limit: 1 } as never);
  const [{ timeoutMs = 0, repeatForMs = 0 } = {}] = requests;
  expect(timeoutMs).toBeGreaterThan(0);
  expect(repeatForMs).toBeGreaterThanOrEqual(2 * timeoutMs);
});
