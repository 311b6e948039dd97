import { askedBy } from '@signalbox/contracts/messages';
import { describe, expect, it } from 'vitest';
import { judgeShutdown, type Situation } from './judge-shutdown.rules.js';

const RESTART = 'restart-0123456789abcdef01234567';
const command = {
  restart_id: RESTART,
  dataplane: 'main',
  boot_id: 'this incarnation',
  drain_seconds: 5,
  requested_at: 1_000,
  expires_at: 2_000,
  reason: null,
  by: askedBy.parse({ key_id: null, request_id: 'r', address: '::1' }),
};
const situation: Situation = { dataplane: 'main', bootId: 'this incarnation', now: 1_500, executing: undefined };

describe('judgeShutdown', () => {
  it.each([
    ['executes its own command in time', {}, { kind: 'execute' }],
    ['executes its own command at the last moment', { now: 2_000 }, { kind: 'execute' }],
    ['refuses a late command', { now: 2_001 }, { kind: 'expired', reason: 'it arrived after it expired' }],
    [
      'refuses a command for another incarnation',
      { bootId: 'the next incarnation' },
      { kind: 'expired', reason: 'it is for another incarnation of the agent' },
    ],
    [
      'refuses a command for another dataplane',
      { dataplane: 'other' },
      { kind: 'expired', reason: 'it is for another dataplane' },
    ],
    [
      'refuses a second command',
      { executing: 'restart-ffffffffffffffffffffffff' },
      { kind: 'expired', reason: 'another restart is in progress' },
    ],
    ['knows a redelivered command, also late', { executing: RESTART, now: 9_000 }, { kind: 'repeated' }],
  ])('%s', (_what, difference, verdict) => {
    expect(judgeShutdown(command, { ...situation, ...difference })).toEqual(verdict);
  });
});
