import {
  Inject,
  Injectable,
  Module,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Amqp } from '@signalbox/messaging';
import { CLOCK, CONFIG, LOGGER, METRICS, type Clock, type Logger, type Metrics } from '@signalbox/platform';
import { DEATH_REASONS } from '@signalbox/sandbox';
import type { Config } from '../config.js';
import { LeasesModule } from '../leases/leases.module.js';
import { PublishingMetrics } from '../publishing/publishing.metrics.js';
import { RecordsModule } from '../records/records.module.js';
import { CHECKS } from '../work/checks.js';
import { HELD_DATASOURCES, type HeldDatasources } from '../work/held-datasources.js';
import { RECORDS, type Records } from '../work/records.js';
import { Fleet } from './fleet.js';
import { workerDeaths, workers } from './fleet.metrics.js';
import type { WorkerProgram } from './worker-options.js';

const ofApp = (path: string): URL => new URL(`../../${path}`, import.meta.url);

/** The bundle, and nothing else of a checkout: `.env` is beside it. Node looks into package.json for the kind of a script, and our libraries for their release. */
const WORKER: WorkerProgram = {
  module: ofApp('bundle/worker.js'),
  readable: ['bundle/', 'package.json', '../../libs/platform/package.json'].map(ofApp),
};

/** After a death a slice is left as it is for so long. */
const CALM_MS = 600_000;

function makeFleet(
  held: HeldDatasources,
  records: Records,
  amqp: Amqp,
  config: Config,
  clock: Clock,
  logger: Logger,
  metrics: Metrics,
): Fleet {
  const deaths = metrics.counter(workerDeaths);
  for (const reason of DEATH_REASONS) deaths.of({ reason });
  const fleet = new Fleet({
    held,
    records,
    clock,
    logger,
    publishing: { publisher: amqp.batchPublisher, metrics: new PublishingMetrics(metrics) },
    limits: {
      size: { direct: config.DATASOURCE_DIRECT_PER_WORKER, endpoint: config.DATASOURCE_ENDPOINTS_PER_WORKER },
      workers: config.DATASOURCE_MAX_WORKERS,
      calmMs: CALM_MS,
    },
    worker: WORKER,
    workerMemoryBytes: config.DATASOURCE_WORKER_MEMORY_BYTES,
    onDeath: (reason) => deaths.of({ reason }).inc(),
  });
  metrics.gauge(workers, () =>
    (['direct', 'endpoint'] as const).map((connection) => ({
      labels: { connection },
      value: fleet.workers(connection),
    })),
  );
  return fleet;
}

/** Starts the fleet when everything it reports to is there, and ends it before broker and database are closed. */
@Injectable()
class FleetLifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(@Inject(Fleet) private readonly fleet: Fleet) {}

  onApplicationBootstrap(): void {
    this.fleet.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.fleet.stop();
  }
}

/** The processes that read datasources. */
@Module({
  imports: [LeasesModule, RecordsModule],
  providers: [
    {
      provide: Fleet,
      inject: [HELD_DATASOURCES, RECORDS, Amqp, CONFIG, CLOCK, LOGGER, METRICS],
      useFactory: makeFleet,
    },
    FleetLifecycle,
    { provide: CHECKS, useExisting: Fleet },
  ],
  exports: [CHECKS],
})
export class FleetModule {}
