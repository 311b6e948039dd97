import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import type { TopologyContract } from '@signalbox/contracts/messages';
import { exchanges } from '@signalbox/contracts/messages';
import { Amqp, messagingRecorder } from '@signalbox/messaging';
import { Database, openDatabase, type DatabaseOptions } from '@signalbox/persistence';
import {
  CONFIG,
  HEALTH,
  LOGGER,
  METRICS,
  SHUTDOWN,
  type Health,
  type Logger,
  type Metrics,
  type ServiceConfig,
} from '@signalbox/platform';
import { DATABASE_POOL_SIZE } from './capacity.js';
import { databaseRoundTrip } from './infrastructure.metrics.js';
import { senderTrust } from './sender-trust.js';

export interface InfrastructureOptions extends Pick<DatabaseOptions, 'entities' | 'migrations'> {
  /** The service's name: its AMQP connections and database sessions carry it, its schema is called like it. */
  readonly service: string;
  readonly topology: TopologyContract;
  /** The exchange of its dead letters, default `signalbox.dead-letters`. */
  readonly deadLetters?: string;
  /** False for a process that answers from memory and stays ready without its broker or database. */
  readonly requiredForReadiness: boolean;
}

/** The schema of a service in the common database. */
export const schemaOf = (service: string): string => service.replaceAll('-', '_');

/** Gives a service its database and its broker, everywhere injectable as `Database` and `Amqp`, and closes them last. */
@Module({})
export class InfrastructureModule implements OnApplicationShutdown {
  constructor(
    @Inject(Amqp) private readonly amqp: Amqp,
    @Inject(Database) private readonly database: Database,
  ) {}

  static register(options: InfrastructureOptions): DynamicModule {
    return {
      module: InfrastructureModule,
      global: true,
      providers: [
        {
          provide: Database,
          inject: [CONFIG, LOGGER, HEALTH, METRICS, SHUTDOWN],
          useFactory: (
            config: ServiceConfig,
            logger: Logger,
            health: Health,
            metrics: Metrics,
            shutdown: AbortSignal,
          ) => connectDatabase(options, { config, logger, health, metrics, shutdown }),
        },
        {
          provide: Amqp,
          inject: [CONFIG, LOGGER, HEALTH, METRICS],
          useFactory: (config: ServiceConfig, logger: Logger, health: Health, metrics: Metrics) =>
            connectAmqp(options, { config, logger, health, metrics }),
        },
      ],
      exports: [Database, Amqp],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.amqp.close();
    await this.database.close();
  }
}

interface Surroundings {
  config: ServiceConfig;
  logger: Logger;
  health: Health;
  metrics: Metrics;
}

async function connectDatabase(
  { service, entities, migrations, requiredForReadiness }: InfrastructureOptions,
  { config, logger, health, metrics, shutdown }: Surroundings & { shutdown: AbortSignal },
): Promise<Database> {
  const database = await openDatabase({
    url: () => config.DATABASE_URL,
    schema: schemaOf(service),
    applicationName: service,
    entities,
    migrations,
    logger,
    poolSize: DATABASE_POOL_SIZE,
    signal: shutdown,
  });
  health.add(
    'database',
    () => {
      const { up, since } = database.status();
      return { status: up ? 'up' : 'down', since };
    },
    { required: requiredForReadiness },
  );
  metrics.gauge(databaseRoundTrip, () => seconds(database.status().roundTripMs));
  return database;
}

async function connectAmqp(
  { service, topology, deadLetters = exchanges.deadLetters.name, requiredForReadiness }: InfrastructureOptions,
  { config, logger, health, metrics }: Surroundings,
): Promise<Amqp> {
  const amqp = new Amqp({
    url: () => config.RABBITMQ_URL,
    name: service,
    logger,
    topology,
    deadLetters: { exchange: deadLetters },
    recorder: messagingRecorder(metrics),
    ...senderTrust(service, { config, logger, health }),
  });
  health.add(
    'rabbitmq',
    () => {
      const { up, sinceMs, blocked } = amqp.status();
      const details = [...(blocked === undefined ? [] : [`blocked: ${blocked}`]), ...(up ? amqp.complaints : [])];
      return { status: up ? 'up' : 'down', since: sinceMs, ...(details.length > 0 && { detail: details.join('; ') }) };
    },
    { required: requiredForReadiness },
  );
  await amqp.open();
  return amqp;
}

const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1_000);
