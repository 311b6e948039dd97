import {
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Amqp } from '@signalbox/messaging';
import { schemaOf } from '@signalbox/nest-service';
import { Database } from '@signalbox/persistence';
import {
  CLOCK,
  CONFIG,
  HEALTH,
  LOGGER,
  METRICS,
  type Clock,
  type Health,
  type Logger,
  type Metrics,
  type ServiceConfig,
} from '@signalbox/platform';
import { registerOutboxMetrics } from './outbox.metrics.js';
import { PostgresStream, type PostgresStreamOptions } from './postgres-stream.js';
import { StreamAnnouncer } from './stream-announcer.js';

export interface PostgresStreamModuleOptions {
  readonly service: string;
  readonly stream: string;
  /** Reads the stream's whole content from the service's tables. */
  readonly load: PostgresStreamOptions['load'];
}

/** Runs a stream of a service that is backed by Postgres. Needs the `InfrastructureModule` beside it. */
@Module({})
export class PostgresStreamModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(PostgresStream) private readonly stream: PostgresStream,
    @Inject(Database) database: Database,
    @Inject(METRICS) metrics: Metrics,
  ) {
    registerOutboxMetrics(metrics, database);
  }

  static register({ service, stream, load }: PostgresStreamModuleOptions): DynamicModule {
    return {
      module: PostgresStreamModule,
      providers: [
        {
          provide: PostgresStream,
          inject: [CONFIG, LOGGER, CLOCK, HEALTH, Amqp],
          useFactory: (config: ServiceConfig, logger: Logger, clock: Clock, health: Health, amqp: Amqp) =>
            new PostgresStream({
              url: () => config.DATABASE_URL,
              schema: schemaOf(service),
              stream,
              load,
              clock,
              logger,
              announcer: new StreamAnnouncer({ stream, amqp, clock, logger, health }),
            }),
        },
      ],
    };
  }

  onApplicationBootstrap(): void {
    this.stream.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.stream.stop();
  }
}
