import { gatewayStream } from '@signalbox/contracts/streams';
import { FollowedStreams } from '@signalbox/state-streams';
import { FakeClock } from '@signalbox/testing';
import type { FastifyRequest } from 'fastify';
import { beforeEach, describe, expect, it } from 'vitest';
import { Guesses } from '../access/guesses.js';
import type { Config } from '../config.js';
import { Cookies } from './cookies.js';
import { ForgedRequests } from './forged-requests.js';
import type { SessionRow } from './persistence/session.entity.js';
import type { SessionRepository } from './persistence/session.repository.js';
import { SESSION_COOKIE } from './session-cookie.js';
import { SessionCallers } from './session-callers.js';
import { generateSecret, hashSecret } from './session-secret.js';
import { SessionsView } from './sessions.view.js';

const config = { SIGNALBOX_SESSION_IDLE_SECONDS: 3_600 } as Config;

describe('SessionCallers', () => {
  const secret = generateSecret();
  const cookie = `${SESSION_COOKIE.name}=${secret}`;
  const request = { method: 'GET', headers: {}, query: {}, ip: '192.0.2.1' } as unknown as FastifyRequest;
  const rights = { sha256: hashSecret(secret), person: 'person_1', name: 'n', role: 'member', account: 'default' };
  let stored: Partial<SessionRow> | null;
  let callers: SessionCallers;

  beforeEach(() => {
    stored = { id: 'session_1', ...rights } as Partial<SessionRow>;
    const clock = new FakeClock();
    const streams = new FollowedStreams();
    const view = new SessionsView(streams, clock, config);
    const end = clock.now() + 3_600_000;
    const entry = { id: 'session_1', ...rights, expires_at: end, idle_expires_at: end };
    streams.follow(gatewayStream).reset([[gatewayStream.entries.session.key('session_1'), entry]]);
    const repository = { find: () => Promise.resolve(stored) } as unknown as SessionRepository;
    const [cookies, forged] = [new Cookies(config), new ForgedRequests(config)];
    callers = new SessionCallers(view, cookies, forged, new Guesses(clock), repository);
  });

  it('confirm a caller whose session is stored', async () => {
    const caller = callers.callerOf(cookie, request);
    await expect(callers.confirm(caller)).resolves.toBeUndefined();
    expect(callers.callerOf(cookie, request)).toBe(caller);
  });

  it.each([
    ['has ended', null],
    ['has a higher role in the stream', { role: 'manager' as const }],
    ['is of another person in the stream', { person: 'person_2' }],
    ['has another secret in the stream', { sha256: hashSecret('another') }],
  ])('do not confirm a caller whose session %s, and know it no longer', async (_what, row) => {
    const caller = callers.callerOf(cookie, request);
    stored = row && ({ id: 'session_1', ...rights, ...row } as Partial<SessionRow>);
    await expect(callers.confirm(caller)).rejects.toMatchObject({ status: 401, code: 'session_expired' });
    expect(() => callers.callerOf(cookie, request)).toThrow('This session is over');
  });
});
