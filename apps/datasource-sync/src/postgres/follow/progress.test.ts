import { followerState } from '@signalbox/contracts/streams';
import { FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DirectAssignment } from '../../work/assignment.js';
import type { FollowerHost, FollowerReport } from '../../work/follower.js';
import { SourceProblem } from '../connect/source-problem.js';
import { Progress } from './progress.js';

describe('the state of a followed database', () => {
  let clock: FakeClock;
  let state: FollowerReport;
  let progress: Progress;

  beforeEach(() => {
    clock = new FakeClock();
    const assignment = { task: 'follow', walLimitBytes: 1_000, source: { slot: 'signalbox_1' } } as DirectAssignment;
    const host = { clock, report: (now: FollowerReport) => (state = now) } as unknown as FollowerHost;
    progress = new Progress(assignment, host);
    progress.streaming();
  });

  const observe = (source: string, confirmed: string, lagBytes: number): void =>
    progress.observed({ sourceLsn: source, confirmedLsn: confirmed, lagBytes, retainedBytes: lagBytes });

  it('is stuck when the source moves for a minute and nothing is acknowledged', () => {
    observe('0/100', '0/100', 0);
    clock.advance(59_000);
    observe('0/200', '0/100', 256);
    expect(state.stuck).toBeNull();
    clock.advance(2_000);
    observe('0/300', '0/100', 512);
    expect(state.stuck?.evidence).toContain('from 0/100 to 0/300; 512 bytes');
    progress.acknowledgedTo(0x200n);
    observe('0/300', '0/200', 256);
    expect(state.stuck).toBeNull();
  });

  it('is not stuck while a long transaction is published', () => {
    observe('0/100', '0/100', 0);
    clock.advance(61_000);
    progress.confirmed();
    clock.advance(2_000);
    observe('0/200', '0/100', 256);
    expect(state.stuck).toBeNull();
  });

  it('is stuck when the slot is not created for a minute, and says what that waits for', () => {
    const open = { count: 2, pid: '4711', since: '2026-01-01 00:00:00+00' };
    progress.waiting(open);
    expect(state).toMatchObject({
      sync: { state: 'snapshotting', error: { code: 'waiting_for_transactions' } },
      stuck: null,
    });
    clock.advance(61_000);
    progress.waiting(open);
    expect(state.stuck?.evidence).toContain(
      '2 are open, of which the oldest has the process id 4711 and began at 2026',
    );
    progress.streaming();
    expect([state.sync.error, state.stuck]).toEqual([null, null]);
  });

  it('is not stuck while the source does not move', () => {
    observe('0/200', '0/100', 256);
    clock.advance(600_000);
    observe('0/200', '0/100', 256);
    expect(state.stuck).toBeNull();
  });

  it('is drained as of the measurement that everything is acknowledged of', () => {
    observe('0/200', '0/100', 256);
    const measuredAt = clock.now();
    clock.advance(3_000);
    expect(state.freshness.drained_at).toBeNull();
    progress.acknowledgedTo(0x200n);
    expect(state.freshness.drained_at).toBe(measuredAt);
    expect(state.position?.lag_seconds).toBe(0);
    clock.advance(7_000);
    observe('0/300', '0/200', 256);
    expect(state.position?.lag_seconds).toBe(10);
  });

  it('is in a form that the service accepts when the next attempt is after a part of a millisecond', () => {
    const problem = new SourceProblem('unreachable', 'timeout', { item: 'reachable', message: 'm', fix: 'f' });
    progress.failed(problem, clock.now() + 673.9);
    expect(followerState.parse(state).sync).toMatchObject({
      state: 'retrying',
      next_attempt_at: clock.now() + 674,
      error: { code: 'timeout' },
    });
  });

  it('says why the age of the newest change is not known', () => {
    expect(state.freshness.unknown_because).toBe('No change was made since reading began.');
    progress.published(clock.now());
    expect(state.freshness).toMatchObject({ newest_change_at: clock.now(), unknown_because: null });
  });
});
