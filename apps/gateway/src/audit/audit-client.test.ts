import { auditReply } from '@signalbox/contracts/messages';
import type { Amqp, RequestOptions } from '@signalbox/messaging';
import { expect, it } from 'vitest';
import { AuditClient } from './audit-client.js';

it('repeats a request whose reply is lost before its patience ends', async () => {
  const requests: RequestOptions<unknown>[] = [];
  const request = async (options: RequestOptions<unknown>): Promise<unknown> => {
    requests.push(options);
    return auditReply.parse({ entries: [] });
  };
  await new AuditClient({ request } as unknown as Amqp).page({ limit: 1 } as never);
  const [{ timeoutMs = 0, repeatForMs = 0 } = {}] = requests;
  expect(timeoutMs).toBeGreaterThan(0);
  expect(repeatForMs).toBeGreaterThanOrEqual(2 * timeoutMs);
});
