import type { DataplaneReport } from '@signalbox/contracts/messages';
import { FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../config.js';
import { DataplaneView } from './dataplane.view.js';

const reportOf = (boot_id: string, state: DataplaneReport['state'] = 'running') =>
  ({ dataplane: 'main', boot_id, state }) as DataplaneReport;

describe('DataplaneView', () => {
  let clock: FakeClock;
  let view: DataplaneView;
  beforeEach(() => {
    clock = new FakeClock();
    view = new DataplaneView(
      { SIGNALBOX_DATAPLANE_TIMEOUT_MS: 15_000, SIGNALBOX_PRIMARY_DATAPLANE: 'main' } as Config,
      clock,
    );
  });
  const tell = (report: DataplaneReport, age_ms: number) => view.report({ stream: view.stream, report, age_ms });

  it('calls a dataplane healthy for as long as its last report is not too old, however often that is told', () => {
    tell(reportOf('a'), 0);
    clock.advance(10_000);
    tell(reportOf('a'), 10_000);
    expect(view.primary).toMatchObject({ isHealthy: true, ageMs: 10_000 });
    clock.advance(5_001);
    expect(view.primary).toMatchObject({ isHealthy: false });
  });

  it('goes by what was heard last, also where somebody still tells what was heard before', () => {
    tell(reportOf('a'), 0);
    clock.advance(20_000);
    tell(reportOf('b'), 0);
    tell(reportOf('a'), 20_000);
    expect(view.primary).toMatchObject({ bootId: 'b', isHealthy: true });
    tell(reportOf('b', 'draining'), 0);
    expect(view.primary).toMatchObject({ bootId: 'b', isHealthy: false });
  });
});
