import type { DataplaneReport } from '@signalbox/contracts/messages';
import type { BuildInfo } from '../build/build-info.js';
import type { Engine } from '../engines/engine.js';

/** Where the members of a report come from; all of it answers from memory. */
export interface ReportSources {
  readonly dataplane: string;
  readonly bootId: string;
  /** Unix ms. */
  readonly startedAt: number;
  readonly build: BuildInfo;
  readonly engine: Pick<Engine, 'name' | 'status' | 'work' | 'operations'>;
  readonly state: { readonly current: DataplaneReport['state']; readonly reason: string | undefined };
  /** Operations that the engine was not given yet: taken from the queue, or waiting in it. */
  readonly waiting: () => number;
  readonly channels: () => number;
  readonly privateRoutes: () => DataplaneReport['private_routes'];
}

/** Composes a report of how things are now. */
export function composeReport(sources: ReportSources): Omit<DataplaneReport, 'seq'> {
  const { dataplane, bootId, startedAt, build, engine, state } = sources;
  const { running, queued } = engine.work();
  const routes = sources.privateRoutes();
  return {
    dataplane,
    boot_id: bootId,
    state: state.current,
    engine: engine.name,
    pid: process.pid,
    started_at: startedAt,
    status: { ...build, ...engine.status() },
    ...(state.reason !== undefined && { reason: state.reason }),
    operations: [...(engine.operations?.kinds ?? [])],
    thread_pool: { running: [...running], queued: queued + sources.waiting(), channels: sources.channels() },
    ...(routes && { private_routes: routes }),
  };
}
