import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger } from '@signalbox/platform';
import { FakeClock } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IdentityProvider } from './identity-provider.js';

describe('an identity provider that misbehaves', () => {
  let server: Server;
  let issuer: string;
  let requests: number;
  let answer: (response: ServerResponse) => void;
  let log: string;
  let clock: FakeClock;
  let provider: IdentityProvider;

  beforeEach(async () => {
    requests = 0;
    log = '';
    server = createServer((_request, response) => {
      requests += 1;
      answer(response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    clock = new FakeClock();
    const logger = createLogger({
      name: 'test',
      level: 'info',
      destination: { write: (line: string) => void (log += line) },
    });
    const settings = {
      issuer,
      clientId: 'id',
      clientSecret: 'hunter2',
      clientAuth: 'client_secret_basic' as const,
      scopes: 'openid',
      groupsClaim: 'groups',
      groups: [],
      callbackUrl: 'http://127.0.0.1/v1/session/callback',
    };
    provider = new IdentityProvider(settings, clock, logger);
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const metadata = (over: object = {}): string =>
    JSON.stringify({ issuer, authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token`, ...over });
  const json = (body: string) => (response: ServerResponse) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(body);

  it.each<[string, () => (response: ServerResponse) => void, number]>([
    ['an answer without end', () => json(metadata({ more: 'x'.repeat(2_000_000) })), 502],
    ['another issuer', () => json(metadata({ issuer: 'https://example.com' })), 502],
    ['no JSON', () => (response) => void response.end('<html>'), 502],
    ['an error of its own', () => (response) => void response.writeHead(500).end(), 503],
    ['a broken connection', () => (response) => void response.destroy(), 503],
  ])('with %s gives an error and a reason in the log', async (_what, made, status) => {
    answer = made();
    await expect(provider.challenge()).rejects.toMatchObject({ status });
    expect(log).toContain('sign-in failed at the identity provider');
    expect(log).toMatch(/"reason":"[^"]/);
  });

  it('is asked once for many sign-ins, and again a second after it failed', async () => {
    answer = (response) => void response.writeHead(500).end();
    await Promise.allSettled([provider.challenge(), provider.challenge()]);
    await expect(provider.challenge()).rejects.toMatchObject({ status: 503 });
    expect(requests).toBe(1);
    clock.advance(1_000);
    answer = json(metadata());
    const { url, challenge } = await provider.challenge();
    expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({
      client_id: 'id',
      response_type: 'code',
      scope: 'openid',
      state: challenge.state,
      nonce: challenge.nonce,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
    await provider.challenge();
    expect(requests).toBe(2);
  });

  it('holds a bounded number of sign-ins', async () => {
    const held: ServerResponse[] = [];
    answer = (response) => void held.push(response);
    const waiting = Array.from({ length: 32 }, () => provider.challenge());
    await expect(provider.challenge()).rejects.toMatchObject({ status: 503, code: 'too_many_sign_ins' });
    await expect.poll(() => held.length).toBe(1);
    json(metadata())(held[0]!);
    await Promise.all(waiting);
    await provider.challenge();
  });

  it('without a page to sign out has no address for that', async () => {
    answer = json(metadata());
    expect(await provider.endSessionUrl()).toBeUndefined();
  });
});
