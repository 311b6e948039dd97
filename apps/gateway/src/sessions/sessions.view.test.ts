import { gatewayStream, type JsonValue } from '@signalbox/contracts/streams';
import { FollowedStreams } from '@signalbox/state-streams';
import { FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../config.js';
import { generateSecret, hashSecret } from './session-secret.js';
import { SessionsView } from './sessions.view.js';

const IDLE_MS = 100_000;
const LONGEST_MS = 1_000_000;

describe('SessionsView', () => {
  const secret = generateSecret();
  const keyOf = gatewayStream.entries.session.key;
  let clock: FakeClock;
  let view: SessionsView;
  let start: number;
  let put: (over?: Record<string, JsonValue>) => void;
  let remove: () => void;

  beforeEach(() => {
    clock = new FakeClock();
    start = clock.now();
    const streams = new FollowedStreams();
    view = new SessionsView(streams, clock, { SIGNALBOX_SESSION_IDLE_SECONDS: IDLE_MS / 1_000 } as Config);
    const stream = streams.follow(gatewayStream);
    const entry = {
      id: 'session_1',
      sha256: hashSecret(secret),
      person: 'person_1',
      name: 'n',
      role: 'member',
      account: 'default',
      expires_at: start + LONGEST_MS,
      idle_expires_at: start + IDLE_MS,
    };
    put = (over = {}) => void stream.change([{ key: keyOf('session_1'), value: { ...entry, ...over } }]);
    remove = () => void stream.change([{ key: keyOf('session_1'), value: null }]);
    put();
  });

  it('finds a session by its secret alone', () => {
    expect(view.use(secret)).toMatchObject({ id: 'session_1' });
    for (const wrong of [generateSecret(), 'session_1', hashSecret(secret), ''])
      expect(view.use(wrong)).toBeUndefined();
  });

  it('refuses a session that was not used for its idle time', () => {
    clock.advance(IDLE_MS - 1);
    put();
    clock.advance(1);
    expect(view.use(secret)).toBeUndefined();
  });

  it('keeps a session that is used, also while nothing can be stored, up to its absolute end', () => {
    for (let used = 0; used < LONGEST_MS; used += IDLE_MS / 2) {
      expect(view.use(secret)).toBeDefined();
      clock.advance(IDLE_MS / 2);
    }
    expect(view.use(secret)).toBeUndefined();
  });

  it('follows the use on other gateways', () => {
    clock.advance(IDLE_MS);
    expect(view.use(secret)).toBeUndefined();
    put({ idle_expires_at: start + 2 * IDLE_MS });
    expect(view.use(secret)).toBeDefined();
  });

  it('has a use stored once it moves the idle end by a tenth of the idle time, and again where that failed', () => {
    clock.advance(IDLE_MS / 10 - 1);
    view.use(secret);
    expect(view.takeUnstored()).toEqual([]);
    clock.advance(1);
    view.use(secret);
    view.use(secret);
    const stored = [{ id: 'session_1', idleExpiresAt: new Date(start + 1.1 * IDLE_MS) }];
    expect(view.takeUnstored()).toEqual(stored);
    expect(view.takeUnstored()).toEqual([]);
    view.putBack(['session_1']);
    expect(view.takeUnstored()).toEqual(stored);
  });

  it('refuses a session that was ended here while the stream does not arrive, and one that the stream has removed', () => {
    view.end('session_1');
    expect(view.use(secret)).toBeUndefined();
    remove();
    view.putBack(['session_1']);
    expect(view.takeUnstored()).toEqual([]);
  });
});
