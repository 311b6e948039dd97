import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { gatewayStream, type JsonValue } from '@signalbox/contracts/streams';
import { FollowedStreams } from '@signalbox/state-streams';
import { FakeClock, collectLogs } from '@signalbox/testing';
import type { FastifyRequest } from 'fastify';
import { SignJWT, UnsecuredJWT } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { Guesses } from '../access/guesses.js';
import { KeyCallers } from '../access/key-callers.js';
import { KeyRing } from '../access/key-ring.js';
import { KeyUse } from '../access/key-use.js';
import type { ApiKeyRepository } from '../access/persistence/api-key.repository.js';
import type { Config } from '../config.js';
import type { Caller } from '../http/caller.js';
import type { ApiError } from '../http/errors/api-error.js';
import type { TokenRow } from './persistence/token.entity.js';
import type { TokenRepository } from './persistence/token.repository.js';
import { Signing } from './signing.js';
import { TokenCallers } from './token-callers.js';
import { TokenVerifier } from './token-verifier.js';
import { TokensView } from './tokens.view.js';
import { VerifiedTokens } from './verified-tokens.js';

const { key, signingKey, revokedToken } = gatewayStream.entries;
const config = { SIGNALBOX_TOKEN_ISSUER: 'signalbox', SIGNALBOX_SIGNING_KEY_HOURS: 1 } as Config;

const parts = () => {
  const clock = new FakeClock(Date.UTC(2026, 0, 1));
  const streams = new FollowedStreams();
  const stream = streams.follow(gatewayStream);
  const ring = new KeyRing(streams, clock);
  const view = new TokensView(streams);
  const guesses = new Guesses(clock);
  const keys = new KeyCallers(
    ring,
    new KeyUse({} as ApiKeyRepository, clock, collectLogs().logger),
    guesses,
    {} as ApiKeyRepository,
    clock,
  );
  const verifier = new TokenVerifier(view, config, clock);
  const callers = new TokenCallers(
    view,
    verifier,
    new VerifiedTokens(),
    ring,
    keys,
    guesses,
    {} as TokenRepository,
    clock,
  );
  return { clock, stream, view, callers, signing: new Signing(config, clock) };
};

describe('TokenCallers', () => {
  let { clock, stream, view, callers, signing } = parts();
  const keyEntry = (over: Record<string, JsonValue> = {}): Record<string, JsonValue> => ({
    id: 'key_1',
    name: 'k',
    role: 'manager',
    mode: 'live',
    account: 'a',
    sha256: '0'.repeat(64),
    expires_at: null,
    ...over,
  });
  const row = (over: Partial<TokenRow> = {}): TokenRow => ({
    id: 'token_1',
    keyId: 'key_1',
    name: 't',
    role: 'member',
    scopes: ['status:read'],
    createdAt: new Date(clock.now()),
    createdBy: 'key_1',
    expiresAt: new Date(clock.now() + 60_000),
    revokedAt: null,
    ...over,
  });
  const issue = async (over: Partial<TokenRow> = {}): Promise<string> => {
    const made = await signing.key();
    stream.change([{ key: signingKey.key(made.kid), value: { kid: made.kid, jwk: made.jwk } }]);
    return signing.sign(made, row(over), 'a');
  };
  const callerOf = async (token: string, ip = '127.0.0.1'): Promise<Caller> =>
    callers.callerOf(token, { ip } as FastifyRequest);
  /** The error code that the token is refused with. */
  const refusal = (token: string, ip?: string): Promise<unknown> =>
    callerOf(token, ip).then(
      () => 'accepted',
      (error: unknown) => (error as ApiError).code,
    );

  beforeEach(() => {
    ({ clock, stream, view, callers, signing } = parts());
    stream.reset([[key.key('key_1'), keyEntry()]]);
  });

  it('identifies the key of a token, with the rights of the token, and remembers the signature', async () => {
    const token = await issue();
    const caller = await callerOf(token);
    expect(caller).toEqual({
      via: 'token',
      id: 'key_1',
      tokenId: 'token_1',
      name: 'k',
      mode: 'live',
      account: 'a',
      role: 'member',
      scopes: ['status:read'],
    });
    expect(callers.callerOf(token, { ip: '127.0.0.1' } as FastifyRequest)).toBe(caller);
  });

  it('never gives a token a higher role than its key has', async () => {
    expect((await callerOf(await issue({ role: 'admin' }))).role).toBe('manager');
  });

  it.each([true, false])('refuses a token that has expired (verified before: %s)', async (isKnown) => {
    const token = await issue();
    if (isKnown) await callerOf(token);
    clock.advance(60_000);
    expect(await refusal(token)).toBe('token_expired');
  });

  it.each([true, false])('refuses a token that was revoked (verified before: %s)', async (isKnown) => {
    const token = await issue();
    if (isKnown) await callerOf(token);
    const expires = clock.now() + 60_000;
    stream.change([{ key: revokedToken.key('token_1'), value: { id: 'token_1', expires_at: expires } }]);
    expect(await refusal(token)).toBe('token_revoked');
  });

  it('refuses a token that was revoked here while the stream does not arrive', async () => {
    const token = await issue();
    await callerOf(token);
    view.revoke('token_1');
    expect(await refusal(token)).toBe('token_revoked');
  });

  it('refuses a token with its key: revoked, expired, or from a network that the key is not for', async () => {
    const token = await issue();
    await callerOf(token);
    stream.change([{ key: key.key('key_1'), value: keyEntry({ networks: ['10.0.0.0/8'] }) }]);
    expect(await refusal(token, '192.0.2.1')).toBe('network_not_allowed');
    expect(await callerOf(token, '10.0.0.1')).toMatchObject({ id: 'key_1' });
    stream.change([{ key: key.key('key_1'), value: keyEntry({ expires_at: clock.now() }) }]);
    expect(await refusal(token)).toBe('token_revoked');
    stream.change([{ key: key.key('key_1'), value: null }]);
    expect(await refusal(token)).toBe('token_revoked');
  });

  it('refuses a token in which any part was changed', async () => {
    const token = await issue();
    const [header, payload, signature] = token.split('.') as [string, string, string];
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const forged = Buffer.from(JSON.stringify({ ...claims, role: 'admin' })).toString('base64url');
    const flipped = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
    for (const changed of [
      `${header}.${forged}.${signature}`,
      `${header}.${payload}.${flipped}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${token}.x`,
      'eyJ',
      `eyJ${'x'.repeat(10_000)}`,
    ])
      expect(await refusal(changed)).toBe('token_invalid');
  });

  it('refuses a token that was signed by something else', async () => {
    const { kid, jwk } = await signing.key();
    await issue();
    const claims = { role: 'admin', scopes: [], account: 'a' };
    const sign = (alg: string, secret: Parameters<SignJWT['sign']>[0], issuer = 'signalbox') =>
      new SignJWT(claims)
        .setProtectedHeader({ alg, typ: 'JWT', kid })
        .setIssuer(issuer)
        .setSubject('key_1')
        .setJti('t')
        .setExpirationTime(new Date(clock.now() + 60_000))
        .sign(secret);
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const ours = (await signing.key()).privateKey;
    expect(await refusal(await sign('ES256', other))).toBe('token_invalid');
    expect(await refusal(await sign('HS256', randomBytes(32)))).toBe('token_invalid');
    // The public key as the secret of a MAC.
    expect(await refusal(await sign('HS256', Buffer.from(JSON.stringify(jwk))))).toBe('token_invalid');
    expect(await refusal(await sign('ES256', ours, 'elsewhere'))).toBe('token_invalid');
    expect(await refusal(new UnsecuredJWT(claims).setSubject('key_1').encode())).toBe('token_invalid');
    expect(await callerOf(await sign('ES256', ours))).toMatchObject({ id: 'key_1' });
  });

  it('refuses a token when its signing key has been removed', async () => {
    const token = await issue();
    await callerOf(token);
    const { kid, jwk } = await signing.key();
    view.add({ kid, jwk });
    expect(view.jwkSet.keys).toHaveLength(1);
    stream.change([{ key: signingKey.key(kid), value: null }]);
    expect(view.jwkSet.keys).toEqual([]);
    expect(await refusal(token)).toBe('token_invalid');
  });

  it('refuses wrong tokens from an address that sends many, and accepts those that are valid', async () => {
    const [known, wrong] = [await issue(), await issue({ id: 'token_2' })];
    await callerOf(known);
    const changed = `${wrong.slice(0, -4)}AAAA`;
    const codes = await Promise.all(Array.from({ length: 30 }, () => refusal(changed)));
    expect(codes.filter((code) => code === 'token_invalid')).toHaveLength(10);
    expect(codes.filter((code) => code === 'too_many_guesses')).toHaveLength(20);
    expect(await callerOf(known)).toMatchObject({ id: 'key_1' });
    expect(await refusal(changed, '192.0.2.1')).toBe('token_invalid');
    expect(await callerOf(wrong)).toMatchObject({ tokenId: 'token_2' });
  });

  it('accepts many requests at once with a token that it has not seen before', async () => {
    const token = await issue();
    const callers = await Promise.all(Array.from({ length: 30 }, () => callerOf(token)));
    expect(callers.every(({ id }) => id === 'key_1')).toBe(true);
  });

  it('signs with a new key after some hours, and verifies tokens of both', async () => {
    const first = await issue({ expiresAt: new Date(clock.now() + 7_200_000) });
    clock.advance(3_600_000);
    const second = await issue();
    expect(view.jwkSet.keys).toHaveLength(2);
    expect(JSON.stringify(view.jwkSet)).not.toContain('"d"');
    for (const token of [first, second]) expect(await callerOf(token)).toMatchObject({ id: 'key_1' });
  });
});
