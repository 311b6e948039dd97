import { gatewayStream, type JsonValue } from '@signalbox/contracts/streams';
import { FollowedStreams } from '@signalbox/state-streams';
import { FakeClock } from '@signalbox/testing';
import type { FastifyRequest } from 'fastify';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../http/caller.js';
import { generateApiKey, hashApiKey } from './api-key.js';
import type { Guesses } from './guesses.js';
import { KeyCallers } from './key-callers.js';
import { KeyRing } from './key-ring.js';
import type { KeyUse } from './key-use.js';

describe('KeyCallers', () => {
  const key = generateApiKey('live');
  const streamKey = gatewayStream.entries.key.key('key_1');
  const entry = (networks: string[] = []): JsonValue => ({
    id: 'key_1',
    name: 'k',
    role: 'member',
    mode: 'live',
    sha256: hashApiKey(key),
    expires_at: null,
    networks,
  });
  const request = { ip: '10.0.0.1' } as FastifyRequest;
  let noted: string[];
  let callers: KeyCallers;
  let change: (value: JsonValue | null) => void;

  beforeEach(() => {
    noted = [];
    const streams = new FollowedStreams();
    const stream = streams.follow(gatewayStream);
    const use = { note: (id: string) => void noted.push(id) } as unknown as KeyUse;
    callers = new KeyCallers(new KeyRing(streams, new FakeClock()), use, {} as Guesses);
    stream.reset([[streamKey, entry()]]);
    change = (value) => void stream.change([{ key: streamKey, value }]);
  });

  it('recognise a caller as long as its key is the same, and note each use', () => {
    const caller = callers.callerOf(key, request);
    expect(callers.recognises(caller)).toBe(true);
    expect(noted).toEqual(['key_1', 'key_1']);
  });

  it.each([
    ['has other networks', entry(['192.0.2.0/24'])],
    ['is revoked', null],
  ])('do not recognise a caller whose key %s', (_what, value) => {
    const caller = callers.callerOf(key, request);
    change(value);
    expect(callers.recognises(caller)).toBe(false);
    expect(noted).toEqual(['key_1']);
  });

  it('do not recognise a caller that another source has made', () => {
    const caller: Caller = { ...callers.callerOf(key, request), via: 'token' };
    expect(callers.recognises(caller)).toBe(false);
  });
});
