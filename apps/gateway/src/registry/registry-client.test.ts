import type { AuditCommand } from '@signalbox/contracts/messages';
import { RequestError, type Amqp } from '@signalbox/messaging';
import { FakeClock } from '@signalbox/testing';
import type { FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import type { AuditTrail } from '../audit/audit-trail.js';
import { RegistryClient } from './registry-client.js';
import type { RegistryView } from './registry.view.js';

const request = { headers: {}, id: 'req_1', ip: '::1', caller: null } as unknown as FastifyRequest;

/** The entries of a test of a connection that ends like this. */
async function recorded(error: RequestError): Promise<Pick<AuditCommand, 'resource' | 'result'>[]> {
  const entries: AuditCommand[] = [];
  const client = new RegistryClient(
    { request: () => Promise.reject(error) } as unknown as Amqp,
    { service: { public_key: 'unused' } } as unknown as RegistryView,
    { visible: () => Promise.resolve() } as never,
    { add: (entry: AuditCommand) => void entries.push(entry) } as AuditTrail,
    new FakeClock(),
  );
  await expect(client.test({ request, project: 'shop', name: 'db' })).rejects.toMatchObject({ name: 'ApiError' });
  return entries.map(({ resource, result }) => ({ resource, result }));
}

describe('a test of a connection', () => {
  it('is in the audit trail as unknown where the registry took it and did not answer in time', async () => {
    expect(await recorded(new RequestError('timeout', 'no answer'))).toEqual([
      { resource: 'shop/db', result: 'unknown' },
    ]);
  });

  it('is not in the audit trail where the registry refused it', async () => {
    expect(await recorded(new RequestError('refused', 'no such connection', 'not_found'))).toEqual([]);
  });
});
