import { datasourcesStream, type DatasourceEntry } from '@signalbox/contracts/streams';
import { FollowedStreams, type Replicas } from '@signalbox/state-streams';
import { describe, expect, it } from 'vitest';
import { DatasourcesView } from './datasources.view.js';

const viewOf = (replica: object, streams = new FollowedStreams()): DatasourcesView =>
  new DatasourcesView(streams, { of: () => replica } as unknown as Replicas);

describe('DatasourcesView', () => {
  it.each([
    ['nothing was ever received', undefined, false, true],
    ['only the snapshot was received yet', undefined, true, false],
    ['beacons arrive', 1_000, true, false],
    ['beacons have stopped', 7_000, true, true],
  ])('knows whether the owner is down while %s', (_, silentMs, hasSnapshot, isDown) => {
    const streams = new FollowedStreams();
    const isOwnerAvailable = silentMs !== undefined && silentMs <= 6_000;
    const view = viewOf({ silentMs, isOwnerAvailable, isInStep: hasSnapshot }, streams);
    if (hasSnapshot) streams.follow(datasourcesStream).reset([]);
    expect([view.isOwnerDown, view.isStale]).toEqual([isDown, isDown]);
  });

  it('shows a former state while changes are missing, though the owner is up', () => {
    const view = viewOf({ silentMs: 100, isOwnerAvailable: true, isInStep: false });
    expect([view.isOwnerDown, view.isStale]).toEqual([false, true]);
  });

  it('finds a datasource for its own account only', () => {
    const streams = new FollowedStreams();
    const view = viewOf({}, streams);
    const entry = {
      id: 'ds_1',
      account: 'mine',
      livemode: true,
      connection: 'direct',
      status: 'active',
      metadata: {},
      created_at: 1,
      version: 1,
      paused: false,
      direct: null,
      endpoint: null,
      retry_count: 0,
      last_error: null,
      setup: { state: 'verified', checking: false, checked_at: 1, failures: [], advisories: [] },
      sync: { state: 'idle', since: 1, snapshot: null, next_attempt_at: null, error: null, fix: null },
      freshness: { newest_change_at: null, unknown_because: null, drained_at: null },
      position: null,
      stuck: null,
    } satisfies DatasourceEntry;
    streams.follow(datasourcesStream).reset([[datasourcesStream.entries.datasource.key('ds_1'), entry]]);
    expect(view.find('mine', 'ds_1')).toEqual(entry);
    expect(view.find('other', 'ds_1')).toBeUndefined();
    expect([view.of('mine').length, view.of('other').length]).toEqual([1, 0]);
  });
});
