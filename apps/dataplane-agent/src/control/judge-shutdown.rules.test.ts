import { describe, expect, it } from 'vitest';
import { judgeShutdown, type Situation } from './judge-shutdown.js';

const RESTART = 'restart-0123456789abcdef01234567';
const command = {
  restart_id: RESTART,
  dataplane: 'main',
  boot_id: 'this life',
  drain_seconds: 5,
  requested_at: 1_000,
  expires_at: 2_000,
  reason: null,
  by: { key_id: null, request_id: 'r', address: '::1' },
};
const situation: Situation = { dataplane: 'main', bootId: 'this life', now: 1_500, obeying: undefined };

describe('judgeShutdown', () => {
  it.each([
    ['its own, in time', {}, { kind: 'obey' }],
    ['its own, at the last moment', { now: 2_000 }, { kind: 'obey' }],
    ['late', { now: 2_001 }, { kind: 'expired', reason: 'it came too late' }],
    [
      'for another life',
      { bootId: 'the next life' },
      { kind: 'expired', reason: 'it is for another life of the agent' },
    ],
    ['for another dataplane', { dataplane: 'other' }, { kind: 'expired', reason: 'it is for another dataplane' }],
    [
      'a second one',
      { obeying: 'restart-ffffffffffffffffffffffff' },
      { kind: 'expired', reason: 'another restart is under way' },
    ],
    ['the same again, also late', { obeying: RESTART, now: 9_000 }, { kind: 'repeated' }],
  ])('%s', (_what, difference, verdict) => {
    expect(judgeShutdown(command, { ...situation, ...difference })).toEqual(verdict);
  });
});
