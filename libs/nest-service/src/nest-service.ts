import 'reflect-metadata';
import { Module, type DynamicModule, type INestApplicationContext, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  Health,
  Metrics,
  startManagementServer,
  type RunningService,
  type ServiceConfig,
  type ServiceOptions,
  type StartContext,
} from '@signalbox/platform';
import { NestLogger } from './nest-logger.js';
import { platformModule } from './platform.module.js';

export interface NestServiceOptions<Config extends ServiceConfig> {
  readonly name: string;
  /** The composition root. It and all it imports can inject the tokens of `@signalbox/platform`. */
  readonly module: Type | DynamicModule;
  readonly config: ServiceOptions<Config>['config'];
  /** The provider that is the transport of the module's handlers; undefined for a module without handlers. */
  readonly strategy?: Type<NestTransport>;
}

/** A custom transport strategy, in Nest's terms. */
export interface NestTransport {
  listen(callback: (error?: unknown) => void): void;
  close(): unknown;
}

/** A service that uses AMQP only: a Nest context without an HTTP server, and a management server. */
export function nestService<Config extends ServiceConfig>({
  config,
  ...service
}: NestServiceOptions<Config>): ServiceOptions<Config> {
  return { name: service.name, config, start: (context) => startNestService(service, context) };
}

async function startNestService(
  { name, module, strategy }: Omit<NestServiceOptions<ServiceConfig>, 'config'>,
  { config, logger, shutdown }: StartContext<ServiceConfig>,
): Promise<RunningService> {
  const health = new Health();
  const metrics = new Metrics({ service: name });
  let phase: 'starting' | 'running' | 'stopping' = 'starting';
  health.add('process', () => ({ status: phase === 'running' ? 'up' : 'down', detail: phase }));

  // Started before the Nest context, so that a service that waits for its database answers `/livez`, and `/readyz` with 503.
  const management = await startManagementServer({
    host: config.SIGNALBOX_MANAGEMENT_HOST,
    port: config.SIGNALBOX_MANAGEMENT_PORT,
    health,
    metrics,
    logger,
  });
  const platform = platformModule({ config, logger, health, metrics, shutdown });
  const root = { module: RootModule, imports: [platform, module] };
  const context = await createContext(root, strategy, { logger: new NestLogger(logger), abortOnError: false });
  phase = 'running';
  return {
    ready: { managementPort: management.port },
    async stop() {
      phase = 'stopping';
      await context.close();
      await management.close();
    },
  };
}

/** A context with handlers consumes messages when this resolves. Its `close` drains the transport first. */
async function createContext(
  root: DynamicModule,
  strategy: Type<NestTransport> | undefined,
  options: { readonly logger: NestLogger; readonly abortOnError: false },
): Promise<INestApplicationContext> {
  if (strategy === undefined) return NestFactory.createApplicationContext(root, options);
  const service = await NestFactory.createMicroservice(root, {
    ...options,
    inject: [strategy],
    useFactory: (transport: NestTransport) => ({ strategy: transport }),
  });
  await service.listen();
  return service;
}

@Module({})
class RootModule {}
