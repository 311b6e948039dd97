import { DEFAULT_ACCOUNT } from '@signalbox/contracts/http';
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
import type { ApiKeyRow } from './persistence/api-key.entity.js';
import type { ApiKeyRepository } from './persistence/api-key.repository.js';

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
  /** As it was created. */
  const row = (over: Partial<ApiKeyRow> = {}): ApiKeyRow => ({
    id: 'key_1',
    name: 'k',
    role: 'member',
    kind: 'secret',
    readers: null,
    dataplane: null,
    mode: 'live',
    scopes: [],
    networks: [],
    account: DEFAULT_ACCOUNT,
    sha256: hashApiKey(key),
    hint: '',
    createdAt: new Date(0),
    createdBy: null,
    expiresAt: null,
    revokedAt: null,
    rotatedTo: null,
    rotatedFrom: null,
    lastUsedAt: null,
    ...over,
  });
  const clock = new FakeClock(10_000);
  let stored: ApiKeyRow | null;
  const repository = { find: () => Promise.resolve(stored) } as unknown as ApiKeyRepository;
  const request = { ip: '10.0.0.1' } as FastifyRequest;
  let noted: string[];
  let callers: KeyCallers;
  let change: (value: JsonValue | null) => void;

  beforeEach(() => {
    noted = [];
    stored = row();
    const streams = new FollowedStreams();
    const stream = streams.follow(gatewayStream);
    const use = { note: (id: string) => void noted.push(id) } as unknown as KeyUse;
    callers = new KeyCallers(new KeyRing(streams, clock), use, {} as Guesses, repository, clock);
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

  it('confirm a caller whose row has the same rights', async () => {
    const caller = callers.callerOf(key, request);
    await expect(callers.confirm(caller)).resolves.toBeUndefined();
    expect(callers.recognises(caller)).toBe(true);
  });

  it.each([
    ['was never made', null, 'api_key_invalid', false],
    ['is revoked', row({ revokedAt: new Date(9_000) }), 'api_key_invalid', false],
    ['has ended', row({ expiresAt: new Date(10_000) }), 'api_key_expired', true],
    ['has a higher role in the stream', row({ role: 'manager' as const }), 'api_key_invalid', true],
    ['has fewer networks in the stream', row({ networks: ['192.0.2.0/24'] }), 'api_key_invalid', true],
    ['has fewer scopes in the stream', row({ scopes: ['status:read'] }), 'api_key_invalid', true],
  ])('do not confirm a caller whose key %s, and forget one that is revoked', async (_what, found, code, isKept) => {
    stored = found;
    const caller = callers.callerOf(key, request);
    await expect(callers.confirm(caller)).rejects.toMatchObject({ status: 401, code });
    expect(callers.recognises(caller)).toBe(isKept);
  });

  it('do not recognise a caller that another source has made', () => {
    const caller: Caller = { ...callers.callerOf(key, request), via: 'token' };
    expect(callers.recognises(caller)).toBe(false);
  });
});
