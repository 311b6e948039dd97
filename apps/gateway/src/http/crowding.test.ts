import { FakeClock } from '@signalbox/testing';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from './caller.js';
import { Crowding } from './crowding.js';
import type { ApiError } from './errors/api-error.js';
import { Refusals } from './refusals.js';
import type { RequestHead } from './request-head.js';
import { RoutePolicies } from './route-policies.js';
import { RouteTable } from './route-table.js';
import { TrustedProxies } from './trusted-proxies.js';
import { Turns } from './turns/turns.js';
import { CLASS_LIMITS } from './turns/work-class.rules.js';
import { Waiter } from './waiter.js';

const ADDRESS = '192.0.2.1';
const MOST_WAITS = 100;
const AT_ONCE = 20;
const callers = new Map(['a', 'b'].map((id) => [id, { id } as Caller]));

describe('Crowding', () => {
  let server: FastifyInstance;
  let clock: FakeClock;
  let turns: Turns;
  let waiter: Waiter;
  let refusals: Refusals;
  let crowding: Crowding;
  beforeEach(() => {
    server = fastify();
    clock = new FakeClock();
    turns = new Turns(clock);
    waiter = new Waiter(clock, new AbortController().signal);
    refusals = new Refusals();
    const routes = new RouteTable();
    routes.watch(server);
    for (const [method, url] of [
      ['POST', '/things/:id/test'],
      ['POST', '/things'],
      ['POST', '/counted'],
      ['GET', '/things'],
      ['GET', '/healthz'],
      ['GET', '/health'],
    ] as const)
      server.route({ method, url, handler: () => '' });
    const policies = new RoutePolicies();
    policies.add([
      { prefix: '/things', read: 'member', write: 'member' },
      { prefix: '/things/:id/test', read: 'member', write: 'member', work: 'long' },
      { prefix: '/counted', read: 'member', write: 'member', work: 'long' },
      { prefix: '/healthz', read: 'public' },
      { prefix: '/health', read: 'public' },
    ]);
    crowding = new Crowding(refusals, routes, policies, turns, waiter, new TrustedProxies({}), clock);
  });

  const refusalOf = (method: string, url: string, key?: string) =>
    crowding.refusalOf({ method, url, headers: {}, socket: { remoteAddress: ADDRESS } } as unknown as RequestHead, {
      find: () => callers.get(key ?? ''),
      counts: (route) => route === '/counted',
    });
  const report = (error: ApiError, key?: string): void =>
    refusals.answered({ error, caller: callers.get(key ?? '') ?? null, address: ADDRESS, route: '/', id: () => '1' });
  const reportMany = (error: ApiError, key?: string): void => {
    for (let count = 0; count < AT_ONCE; count += 1) report(error, key);
  };
  const refusalIn = (act: () => unknown): ApiError => {
    try {
      act();
    } catch (error) {
      return error as ApiError;
    }
    throw new Error('it was not refused');
  };

  describe('a caller that has as much at work and waiting as may be', () => {
    const { atOnce, waiting } = CLASS_LIMITS.long;
    const take = (): unknown => turns.take({ work: 'long', caller: 'a', onGone: () => undefined });
    let refused: ApiError;
    beforeEach(() => {
      for (let count = 0; count < atOnce.perCaller + waiting.perCaller; count += 1) take();
      refused = refusalIn(take);
    });

    it('is refused more of it when it went on, with what is known of the request', () => {
      reportMany(refused, 'a');
      expect(refusalOf('POST', '/things/1/test?x=1', 'a')).toEqual({
        error: refused,
        caller: callers.get('a'),
        route: '/things/:id/test',
      });
    });

    it('is not refused before it went on, and not after a second without', () => {
      expect(refusalOf('POST', '/things/1/test', 'a')).toBeUndefined();
      report(refused, 'a');
      expect(refusalOf('POST', '/things/1/test', 'a')).toBeUndefined();
      reportMany(refused, 'a');
      clock.advance(1_000);
      expect(refusalOf('POST', '/things/1/test', 'a')).toBeUndefined();
    });

    it('is refused nothing else, and no other caller is', () => {
      reportMany(refused, 'a');
      for (const [method, url, key] of [
        ['POST', '/things', 'a'],
        ['GET', '/things', 'a'],
        ['GET', '/things/1/test', 'a'],
        ['POST', '/none', 'a'],
        ['POST', '/counted', 'a'],
        ['GET', '/healthz?wait=60', 'a'],
        ['POST', '/things/1/test', 'b'],
        ['POST', '/things/1/test', 'unknown'],
      ] as const)
        expect([url, refusalOf(method, url, key)]).toEqual([url, undefined]);
    });
  });

  describe('an address from which as many requests wait as may', () => {
    const wait = (): Promise<void> =>
      waiter.asked(
        {
          caller: null,
          ip: ADDRESS,
          turn: null,
          routeOptions: { url: '/healthz' },
          raw: { socket: { off: () => undefined, once: () => undefined } },
        } as unknown as FastifyRequest,
        { ms: 60_000, isThere: () => false, onChange: () => () => undefined },
      );
    beforeEach(async () => {
      for (let count = 0; count < MOST_WAITS; count += 1) void wait();
      reportMany((await wait().catch((error: unknown) => error)) as ApiError);
    });

    it('is refused more of them', () => {
      expect(refusalOf('GET', '/healthz?state=live&wait=60s')).toMatchObject({
        error: { code: 'too_many_waits' },
        caller: null,
        route: '/healthz',
      });
    });

    it.each(['/healthz', '/healthz?wait=0', '/healthz?wait=x', '/health?wait=60'])('is not refused %s', (url) => {
      expect(refusalOf('GET', url)).toBeUndefined();
    });
  });
});
