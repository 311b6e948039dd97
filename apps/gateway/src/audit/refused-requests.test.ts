import type { AuditCommand } from '@signalbox/contracts/messages';
import { collectLogs, FakeClock } from '@signalbox/testing';
import type { FastifyRequest } from 'fastify';
import { expect, it } from 'vitest';
import { ApiError, type ErrorCode } from '../http/errors/api-error.js';
import { RefusedCallers } from '../http/refused-callers.js';
import type { AuditTrail } from './audit-trail.js';
import { RefusedRequests } from './refused-requests.js';

let requests = 0;

const request = (url: string, { caller = 'key_1', method = 'DELETE' } = {}) =>
  ({
    id: `req_${requests++}`,
    ip: '::1',
    method,
    url,
    is404: false,
    routeOptions: { url },
    caller: caller === '' ? null : { id: caller, name: 'nightly', via: 'key', role: 'member', account: 'default' },
  }) as unknown as FastifyRequest;

function recording() {
  const entries: AuditCommand[] = [];
  const [clock, callers, { logger, lines }] = [new FakeClock(), new RefusedCallers(), collectLogs()];
  const trail = { add: (entry: AuditCommand) => void entries.push(entry) } as unknown as AuditTrail;
  const recorder = new RefusedRequests(callers, trail, clock, logger);
  recorder.onApplicationBootstrap();
  const refuse = (of: FastifyRequest, code: ErrorCode = 'insufficient_role', status = 403): void =>
    callers.answered(of, new ApiError({ status, code, detail: 'No.' }));
  return { entries, clock, recorder, refuse, lines };
}

it('records what a caller may not do once a minute, with how often', () => {
  const { entries, clock, refuse, recorder } = recording();
  for (let times = 0; times < 5; times += 1) refuse(request('/v1/keys/:id'));
  refuse(request('/v1/keys/:id'), 'insufficient_scope');
  refuse(request('/v1/keys/:id', { caller: 'key_2' }));
  expect(entries).toEqual([]);
  clock.advance(60_000);
  expect(entries.map(({ key_id, resource, detail }) => [key_id, resource, detail])).toEqual([
    ['key_1', 'DELETE /v1/keys/:id', { code: 'insufficient_role', count: 5 }],
    ['key_1', 'DELETE /v1/keys/:id', { code: 'insufficient_scope', count: 1 }],
    ['key_2', 'DELETE /v1/keys/:id', { code: 'insufficient_role', count: 1 }],
  ]);
  expect(entries[0]).toMatchObject({ action: 'refused-requests', result: 'refused', name: 'nightly', role: 'member' });
  refuse(request('/v1/keys/:id'));
  recorder.onModuleDestroy();
  expect(entries.slice(3)).toMatchObject([{ detail: { count: 1 } }]);
});

it('records nothing else that is refused', () => {
  const { entries, recorder, refuse } = recording();
  refuse(request('/v1/keys', { caller: '' }));
  refuse(request('/v1/keys'), 'key_not_found', 404);
  refuse(request('/v1/keys'), 'frozen_config');
  recorder.onModuleDestroy();
  expect(entries).toEqual([]);
});

it('keeps a bounded number, and logs how many more there were', () => {
  const { entries, recorder, refuse, lines } = recording();
  for (let route = 0; route < 1_100; route += 1) refuse(request(`/${route}`));
  recorder.onModuleDestroy();
  expect([entries.length, lines]).toEqual([1_000, [expect.objectContaining({ requests: 100 })]]);
});
