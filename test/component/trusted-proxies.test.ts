import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { eventually } from '@signalbox/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { System, type SystemInProcess } from '../support/system.js';

/** All addresses of 127/8 are those of this machine. */
const PROXY = '127.0.0.2';
const STRANGER = '127.0.0.1';
const CLIENT = '198.51.100.7';
const OTHER = '203.0.113.9';

describe('a proxy that is trusted', () => {
  let system: SystemInProcess;
  let bound: string;
  let agent: Agent;

  beforeAll(async () => {
    system = await System.inProcess();
    await system.startGateway({ SIGNALBOX_TRUSTED_PROXIES: `${PROXY}, 10.0.0.0/8`, SIGNALBOX_ACCESS_LOG: 'true' });
    const rules = { name: 'bound', role: 'admin', networks: ['198.51.100.0/24'] };
    const made = await system.send('POST', '/v1/keys', rules);
    ({ key: bound } = (await made.json()) as { key: string });
  });
  beforeEach(() => {
    agent = new Agent({ keepAlive: true, maxSockets: 1 });
  });
  afterEach(() => agent.destroy());
  afterAll(async () => {
    await system.close();
  });

  interface Sent {
    readonly from?: string;
    readonly forwardedFor?: string | undefined;
    readonly path?: string;
    readonly key?: string;
    readonly more?: Record<string, string>;
  }
  interface Answer {
    readonly status: number | undefined;
    readonly code: string | undefined;
    readonly id: string;
  }
  /** A GET over the one connection of a test. */
  const get = async ({
    from = PROXY,
    forwardedFor,
    path = '/status',
    key = bound,
    more = {},
  }: Sent): Promise<Answer> => {
    const forwarded: Record<string, string> = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
    const headers = { 'x-api-key': key, ...forwarded, ...more };
    const sent = request(system.baseUrl, { path, headers, localAddress: from, agent });
    const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
    sent.end();
    const [response] = await answered;
    const body = await text(response);
    const code = response.statusCode === 200 ? undefined : (JSON.parse(body) as { code?: string }).code;
    return { status: response.statusCode, code, id: String(response.headers['x-request-id']) };
  };

  it.each([
    ['a client in the networks of the key', { forwardedFor: CLIENT }, 200],
    ['a client elsewhere', { forwardedFor: OTHER }, 403],
    ['a client elsewhere that adds an address', { forwardedFor: `${CLIENT}, ${OTHER}` }, 403],
    ['a client behind two proxies', { forwardedFor: `${CLIENT}, 10.1.2.3` }, 200],
    ['the proxy itself', {}, 403],
    ['a stranger that says so', { from: STRANGER, forwardedFor: CLIENT }, 403],
    [
      'a stranger that says so in other ways',
      { from: STRANGER, more: { forwarded: `for=${CLIENT}`, 'x-real-ip': CLIENT } },
      403,
    ],
  ])('says where requests come from: %s', async (_what, sent, status) => {
    expect((await get(sent)).status).toBe(status);
  });

  it('sends requests of many clients over one connection', async () => {
    const statuses = [];
    for (const forwardedFor of [CLIENT, CLIENT, OTHER, CLIENT, undefined, CLIENT])
      statuses.push((await get({ forwardedFor })).status);
    expect(statuses).toEqual([200, 200, 403, 200, 403, 200]);
  });

  it('has the guesses of its clients counted for each of them', async () => {
    const guess = (forwardedFor: string, from = PROXY) =>
      get({ from, forwardedFor, path: '/v1/keys', key: `sk_live_${'x'.repeat(36)}` });
    await eventually(async () => (await guess('192.0.2.1')).code === 'too_many_guesses', { everyMs: 1 });
    expect((await guess('192.0.2.2')).code).toBe('api_key_invalid');
    // A stranger cannot spread its guesses over addresses.
    let turn = 0;
    await eventually(
      async () => (await guess(`192.0.2.${100 + (turn++ % 100)}`, STRANGER)).code === 'too_many_guesses',
      {
        everyMs: 1,
      },
    );
  });

  it('has its clients in the access log', async () => {
    const hot = [await get({ forwardedFor: CLIENT }), await get({ forwardedFor: CLIENT })];
    const others = [
      await get({ forwardedFor: CLIENT, path: '/v1/keys' }),
      await get({ from: STRANGER, forwardedFor: CLIENT, key: system.adminKey }),
    ];
    const lines = await eventually(() => {
      const written = system.service('gateway').output.split('\n');
      const found = [...hot, ...others].map(({ id }) => written.find((line) => line.includes(id)));
      return found.every((line) => line !== undefined) && found.map((line) => JSON.parse(line!) as { address: string });
    });
    expect(lines.map(({ address }) => address)).toEqual([CLIENT, CLIENT, CLIENT, STRANGER]);
  });

  it('cannot be named wrongly', async () => {
    const wrong = system.start(
      'gateway',
      system.gatewayEnvironment({ SIGNALBOX_TRUSTED_PROXIES: '10.0.0.0/8, proxy.example' }),
    );
    await expect(wrong.ready).rejects.toThrow(
      /SIGNALBOX_TRUSTED_PROXIES.*proxy\.example is neither an address nor a network/,
    );
  });
});
