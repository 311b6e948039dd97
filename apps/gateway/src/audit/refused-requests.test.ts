import type { AuditCommand } from '@signalbox/contracts/messages';
import { FakeClock } from '@signalbox/testing';
import { expect, it } from 'vitest';
import type { Caller } from '../http/caller.js';
import { ApiError, type ErrorCode } from '../http/errors/api-error.js';
import { Refusals, type Refusal } from '../http/refusals.js';
import type { AuditTrail } from './audit-trail.js';
import { BrokerLogins } from './broker-logins.js';
import { MinuteEntries } from './minute-entries.js';
import { RefusedRequests } from './refused-requests.js';

let requests = 0;

const key = (id: string): Caller => ({
  id,
  name: 'nightly',
  via: 'key',
  role: 'member',
  mode: 'live',
  account: 'default',
  scopes: [],
});

interface Refused extends Partial<Omit<Refusal, 'error'>> {
  readonly status?: number;
  readonly code?: ErrorCode;
}

function recording() {
  const stored: AuditCommand[] = [];
  const [clock, refusals] = [new FakeClock(), new Refusals()];
  const trail = { add: (entry: AuditCommand) => void stored.push(entry) } as unknown as AuditTrail;
  const entries = new MinuteEntries(trail, clock);
  new RefusedRequests(refusals, entries, clock);
  entries.onApplicationBootstrap();
  const refuse = ({ status = 403, code = 'insufficient_role', ...refused }: Refused = {}): void => {
    const number = requests++;
    refusals.answered({
      error: new ApiError({ status, code, detail: 'No.' }),
      caller: key('key_1'),
      address: '::1',
      method: 'DELETE',
      route: '/v1/keys/:id',
      id: () => `req_${number}`,
      ...refused,
    });
  };
  return { stored, clock, entries, refuse, logins: new BrokerLogins(entries, clock) };
}

it('records once a minute what was refused to a caller, with how often', () => {
  const { stored, clock, refuse, entries } = recording();
  for (let times = 0; times < 5; times += 1) refuse();
  refuse({ code: 'insufficient_scope' });
  refuse({ caller: key('key_2') });
  expect(stored).toEqual([]);
  clock.advance(60_000);
  expect(stored.map(({ key_id, resource, detail }) => [key_id, resource, detail])).toEqual([
    ['key_1', 'DELETE /v1/keys/:id', { code: 'insufficient_role', count: 5 }],
    ['key_1', 'DELETE /v1/keys/:id', { code: 'insufficient_scope', count: 1 }],
    ['key_2', 'DELETE /v1/keys/:id', { code: 'insufficient_role', count: 1 }],
  ]);
  expect(stored[0]).toMatchObject({
    action: 'refused-requests',
    result: 'refused',
    name: 'nightly',
    role: 'member',
    route: '/v1/keys/:id',
  });
  refuse();
  entries.onModuleDestroy();
  expect(stored.slice(3)).toMatchObject([{ detail: { count: 1 } }]);
});

it('records what was refused without a caller by its address', () => {
  const { stored, refuse, entries } = recording();
  for (const address of ['10.0.0.1', '10.0.0.2', '10.0.0.1'])
    refuse({ caller: null, address, status: 401, code: 'api_key_invalid', route: '(none)' });
  refuse({
    caller: null,
    address: '10.0.0.3',
    status: 429,
    code: 'too_many_guesses',
    method: undefined,
    route: '(refused)',
  });
  entries.onModuleDestroy();
  expect(stored.map(({ key_id, address, resource, detail }) => [key_id, address, resource, detail])).toEqual([
    [null, '10.0.0.1', 'DELETE (none)', { code: 'api_key_invalid', count: 2 }],
    [null, '10.0.0.2', 'DELETE (none)', { code: 'api_key_invalid', count: 1 }],
    [null, '10.0.0.3', '(refused)', { code: 'too_many_guesses', count: 1 }],
  ]);
});

it('records nothing else that fails', () => {
  const { stored, refuse, entries } = recording();
  refuse({ code: 'key_not_found', status: 404 });
  refuse({ code: 'not_sent', status: 503 });
  entries.onModuleDestroy();
  expect(stored).toEqual([]);
});

it('keeps a bounded number, and counts the others together: addresses do not displace callers', () => {
  const { stored, refuse, entries } = recording();
  for (let last = 0; last < 300; last += 1)
    refuse({ caller: null, address: `10.0.0.${last}`, status: 401, code: 'api_key_invalid' });
  for (let number = 0; number < 1_100; number += 1)
    refuse({ caller: key(`key_${number % 11}`), route: `/${Math.floor(number / 11)}` });
  entries.onModuleDestroy();
  const counts = (of: (entry: AuditCommand) => boolean): number[] =>
    stored.filter(of).map(({ detail }) => detail['count'] as number);
  const isRest = ({ resource }: AuditCommand): boolean => resource === '(more)';
  expect(counts((entry) => entry.key_id === null && !isRest(entry))).toHaveLength(100);
  expect(counts((entry) => entry.key_id !== null)).toHaveLength(1_000);
  expect(stored.filter(isRest)).toEqual([
    expect.objectContaining({ key_id: null, address: '', detail: { code: 'api_key_invalid', count: 200 } }),
    expect.objectContaining({ key_id: null, address: '', detail: { code: 'insufficient_role', count: 100 } }),
  ]);
  expect(counts(() => true).reduce((sum, count) => sum + count, 0)).toBe(1_400);
  expect(new Set(stored.map(({ request_id }) => request_id)).size).toBe(stored.length);
});

it('keeps room for others: what a caller or a network has beyond its share is counted together', () => {
  const { stored, refuse, entries } = recording();
  for (let route = 0; route < 1_100; route += 1) {
    refuse({ route: `/${route}` });
    const address = `2001:db8:1:1::${route}`;
    refuse({ caller: null, address, status: 401, code: 'api_key_missing', route: `/${route}` });
  }
  refuse({ caller: key('key_2') });
  refuse({ caller: null, address: '2001:db8:2:2::1', status: 401, code: 'api_key_invalid' });
  entries.onModuleDestroy();
  const of = (id: string | null) => stored.filter(({ key_id }) => key_id === id);
  expect([of('key_1').length, of('key_2').length, of(null).length]).toEqual([101, 1, 12]);
  expect(stored.filter(({ resource }) => resource === '(more)')).toEqual([
    expect.objectContaining({ key_id: 'key_1', route: null, detail: { code: 'insufficient_role', count: 1_000 } }),
    expect.objectContaining({
      key_id: null,
      address: '2001:db8:1:1::10',
      detail: { code: 'api_key_missing', count: 1_090 },
    }),
  ]);
  expect(of(null).at(-1)).toMatchObject({ address: '2001:db8:2:2::1', detail: { code: 'api_key_invalid', count: 1 } });
});

it('records logins at the broker by key, and those that were refused by what was sent', () => {
  const { stored, logins, entries } = recording();
  const account = 'default';
  for (let times = 0; times < 2; times += 1)
    logins.record({ user: 'key_1', key: { id: 'key_1', name: 'reader', account }, address: '10.0.0.1' });
  logins.record({ user: 'key_1', key: { id: 'key_1', name: 'reader', account }, refused: 'revoked' });
  for (let user = 0; user < 101; user += 1) logins.record({ user: `x${user}`, refused: 'unknown' });
  entries.onModuleDestroy();
  expect(
    stored
      .slice(0, 3)
      .map(({ key_id, address, resource, result, detail }) => [key_id, address, resource, result, detail]),
  ).toEqual([
    ['key_1', '10.0.0.1', 'key_1', 'accepted', { count: 2 }],
    ['key_1', '', 'key_1', 'refused', { code: 'revoked', count: 1 }],
    [null, '', 'x0', 'refused', { code: 'unknown', count: 1 }],
  ]);
  expect(stored).toHaveLength(2 + 100 + 1);
  expect(stored.at(-1)).toMatchObject({ action: 'broker-login', resource: '(more)', detail: { count: 1 } });
});
