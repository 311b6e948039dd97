import { gatewayStream } from '@signalbox/contracts/streams';
import { FollowedStreams } from '@signalbox/state-streams';
import { collectLogs, FakeClock } from '@signalbox/testing';
import { SignJWT } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../config.js';
import { BrokerTokens } from './broker-tokens.js';
import type { TokenRow } from './persistence/token.entity.js';
import type { TokenRepository } from './persistence/token.repository.js';
import { Signing } from './signing.js';
import { TokenVerifier } from './token-verifier.js';
import { TokensView } from './tokens.view.js';

const config = { SIGNALBOX_TOKEN_ISSUER: 'signalbox', SIGNALBOX_SIGNING_KEY_HOURS: 1 } as Config;

/** A gateway. What it stores reaches the streams of both, unless its database is down. */
const gateway = (clock: FakeClock, streams: FollowedStreams[], kept: Date[]) => {
  const [own] = streams;
  const database = { isUp: true };
  const stored = {
    keepSigningKey: async (key, until) => {
      if (!database.isUp) throw new Error('the database is down');
      kept.push(until);
      for (const each of streams)
        each.follow(gatewayStream).change([{ key: gatewayStream.entries.signingKey.key(key.kid), value: { ...key } }]);
    },
  } as Pick<TokenRepository, 'keepSigningKey'> as TokenRepository;
  const view = new TokensView(own!);
  const signing = new Signing(config, clock);
  const tokens = new BrokerTokens(signing, view, stored, config, clock, collectLogs().logger);
  return { tokens, signing, view, database, verifier: new TokenVerifier(view, config, clock) };
};

describe('a token for the management API of the broker', () => {
  let clock: FakeClock;
  let kept: Date[];
  let one: ReturnType<typeof gateway>;
  let other: ReturnType<typeof gateway>;

  beforeEach(() => {
    clock = new FakeClock(Date.UTC(2026, 0, 1));
    kept = [];
    const streams = [new FollowedStreams(), new FollowedStreams()];
    one = gateway(clock, streams, kept);
    other = gateway(clock, streams.toReversed(), kept);
  });

  it('is verified by every gateway, for its key only, and for less than a minute', async () => {
    const token = await one.tokens.issue('key_1');
    expect(await one.tokens.verify(token, 'key_1')).toBe(true);
    expect(await other.tokens.verify(token, 'key_1')).toBe(true);
    expect(await other.tokens.verify(token, 'key_2')).toBe(false);
    expect(await other.tokens.verify(`${token.slice(0, -6)}AAAAAA`, 'key_1')).toBe(false);
    clock.advance(46_000);
    expect(await one.tokens.verify(token, 'key_1')).toBe(false);
  });

  it('is no token of the API, and a token of the API is none', async () => {
    const key = await one.signing.key();
    await expect(one.verifier.verify(await one.tokens.issue('key_1'))).rejects.toMatchObject({ code: 'token_invalid' });
    const row = { id: 't', keyId: 'key_1', role: 'admin', scopes: [], createdAt: new Date(clock.now()) };
    const ofApi = await one.signing.sign(
      key,
      { ...row, expiresAt: new Date(clock.now() + 30_000) } as unknown as TokenRow,
      'a',
    );
    await expect(one.verifier.verify(ofApi)).resolves.toMatchObject({ keyId: 'key_1' });
    expect(await one.tokens.verify(ofApi, 'key_1')).toBe(false);
  });

  it('does not last longer than a gateway lets it, whatever it says', async () => {
    const { kid, privateKey } = await one.signing.key();
    await one.tokens.issue('key_1');
    const long = new SignJWT()
      .setProtectedHeader({ alg: 'ES256', typ: 'signalbox-broker+jwt', kid })
      .setIssuer('signalbox')
      .setAudience('broker-management')
      .setSubject('key_1')
      .setIssuedAt(clock.now() / 1_000)
      .setExpirationTime(clock.now() / 1_000 + 3_600);
    const token = await long.sign(privateKey);
    expect(await one.tokens.verify(token, 'key_1')).toBe(true);
    clock.advance(60_000);
    expect(await one.tokens.verify(token, 'key_1')).toBe(false);
  });

  it('is verified by its gateway also while the database is down, and its signing key is stored seldom', async () => {
    one.database.isUp = false;
    expect(await one.tokens.verify(await one.tokens.issue('key_1'), 'key_1')).toBe(true);
    expect(await other.tokens.verify(await one.tokens.issue('key_1'), 'key_1')).toBe(false);
    one.database.isUp = true;
    for (let i = 0; i < 10; i++) await one.tokens.issue('key_1');
    expect(kept).toEqual([new Date(clock.now() + 600_000)]);
    clock.advance(301_000);
    await one.tokens.issue('key_1');
    expect(kept).toHaveLength(2);
  });
});
