import type { DataplaneReport } from '@signalbox/contracts/messages';
import { dataplaneStream } from '@signalbox/contracts/streams';
import { FollowedStreams, type FollowedStream } from '@signalbox/state-streams';
import { DataplaneReports } from '@signalbox/status-facts';
import { FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../config.js';
import { DataplaneView } from './dataplane.view.js';

const reportOf = (boot_id: string, state: DataplaneReport['state'] = 'running') =>
  ({ dataplane: 'main', boot_id, state }) as DataplaneReport;

describe('DataplaneView', () => {
  let clock: FakeClock;
  let stream: FollowedStream<typeof dataplaneStream>;
  let view: DataplaneView;
  beforeEach(() => {
    clock = new FakeClock();
    const streams = new FollowedStreams();
    stream = streams.follow(dataplaneStream);
    view = new DataplaneView(streams, new DataplaneReports(streams, clock), {
      SIGNALBOX_DATAPLANE_TIMEOUT_MS: 15_000,
      SIGNALBOX_PRIMARY_DATAPLANE: 'main',
    } as Config);
  });
  const receive = (report: DataplaneReport, age_ms: number) =>
    stream.receive(dataplaneStream.beside.report, { stream: dataplaneStream.name, report, age_ms });

  it('shows a dataplane as healthy until its last report is too old, however often that report is repeated', () => {
    receive(reportOf('a'), 0);
    clock.advance(10_000);
    receive(reportOf('a'), 10_000);
    expect(view.primary).toMatchObject({ isHealthy: true, ageMs: 10_000 });
    clock.advance(5_001);
    expect(view.primary).toMatchObject({ isHealthy: false });
  });

  it('shows the last report, also when an earlier one is repeated after it', () => {
    receive(reportOf('a'), 0);
    clock.advance(20_000);
    receive(reportOf('b'), 0);
    receive(reportOf('a'), 20_000);
    expect(view.primary).toMatchObject({ bootId: 'b', isHealthy: true });
    receive(reportOf('b', 'draining'), 0);
    expect(view.primary).toMatchObject({ bootId: 'b', isHealthy: false });
  });
});
