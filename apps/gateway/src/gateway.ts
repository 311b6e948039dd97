import type { Server } from 'node:https';
import { createRequire } from 'node:module';
import { Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { platformModule } from '@signalbox/nest-service';
import {
  explainListenError,
  Health,
  listenOn,
  Metrics,
  mostManagementConnections,
  openFilesLimit,
  startManagementServer,
  systemClock,
  type ListeningOn,
  type ListenOptions,
  type Logger,
  type RunningService,
  type StartContext,
} from '@signalbox/platform';
import { ManagementAnswers } from './readers/management-answers.js';
import { AppModule } from './app.module.js';
import type { Config } from './config.js';
import { connectionLimits, type ConnectionLimits } from './http/connection-limits.rules.js';
import { createHttpServer } from './http/http-server.js';
import { readTlsPair, type TlsFiles } from './http/tls-files.js';
import { TlsReload, type TlsReloadOptions } from './http/tls-reload.js';
import { Listening } from './http/listening.js';
import { keylessRoutes } from './readers/keyless-routes.js';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

@Module({})
class RootModule {}

/** Starts the gateway: its management server first, so that /livez answers while the rest starts. */
export async function startGateway({ config, logger, shutdown }: StartContext<Config>): Promise<RunningService> {
  const tlsFiles = tlsFilesOf(config);
  const tls = tlsFiles && readTlsPair(tlsFiles);
  const health = new Health();
  const metrics = new Metrics({ service: 'gateway' });
  let app: NestFastifyApplication | undefined;
  const management = await startManagementServer({
    host: config.SIGNALBOX_MANAGEMENT_HOST,
    port: config.SIGNALBOX_MANAGEMENT_PORT,
    enableMetrics: config.SIGNALBOX_ENABLE_METRICS,
    health,
    metrics,
    logger,
    ...(config.SIGNALBOX_KEYLESS_MANAGEMENT && {
      routes: keylessRoutes({
        answers: () => app?.get(ManagementAnswers),
        host: config.SIGNALBOX_MANAGEMENT_HOST,
        hosts: config.SIGNALBOX_KEYLESS_HOSTS,
      }),
    }),
  });
  const platform = platformModule({ config, logger, health, metrics, shutdown });
  app = await createHttpServer({
    root: { module: RootModule, imports: [platform, AppModule] },
    bodyLimit: config.SIGNALBOX_BODY_SIZE_LIMIT_BYTES,
    origins: config.SIGNALBOX_CORS_ORIGINS,
    isAccessLogged: config.SIGNALBOX_ACCESS_LOG,
    connections: connectionsOf(config, logger),
    tls,
    version,
    logger,
  });
  const stopReloading = tlsFiles && tls && reloadTls(app, { files: tlsFiles, pair: tls, health, logger });
  const { port, stop: stopListening } = await listen(app, config);
  app.get(Listening).on({ port, managementPort: management.port });
  return {
    ready: { port, managementPort: management.port },
    async stop() {
      stopReloading?.();
      stopListening();
      await app.close();
      await management.close();
    },
  };
}

/** Undefined: http. */
function tlsFilesOf({
  SIGNALBOX_TLS_CERT_FILE: certFile,
  SIGNALBOX_TLS_KEY_FILE: keyFile,
}: Config): TlsFiles | undefined {
  return certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile };
}

function reloadTls(
  app: NestFastifyApplication,
  options: Pick<TlsReloadOptions, 'files' | 'pair' | 'health' | 'logger'>,
): () => void {
  // It was created with a certificate.
  const server = app.getHttpServer() as unknown as Server;
  return new TlsReload({ ...options, server, clock: systemClock }).start();
}

function connectionsOf(config: Config, logger: Logger): ConnectionLimits {
  const { SIGNALBOX_MAX_CONNECTIONS: wanted, SIGNALBOX_MAX_CONNECTIONS_PER_ADDRESS: perAddress } = config;
  const openFiles = openFilesLimit();
  const management = mostManagementConnections(openFiles);
  const limits = connectionLimits({ openFiles, management, inAll: wanted, perAddress });
  if (wanted !== undefined && limits.inAll < wanted)
    logger.warn(
      { open_files: openFiles, max_connections: limits.inAll },
      'SIGNALBOX_MAX_CONNECTIONS is reduced: this process may not open as many files (ulimit -n)',
    );
  return limits;
}

/** Connections that wait until they are accepted. Beyond it the system drops attempts, and clients try again after a second; Linux takes 4,096 at most by default. */
const MOST_UNACCEPTED = 4_096;

async function listen(app: NestFastifyApplication, { HOST: host, PORT: port }: Config): Promise<ListeningOn> {
  try {
    const listener = { server: app.getHttpServer(), listen: (options: ListenOptions) => app.listen(options) };
    return await listenOn(listener, { port, host, backlog: MOST_UNACCEPTED });
  } catch (error) {
    await app.close();
    throw explainListenError(error, { host, port, variables: { host: 'HOST', port: 'PORT' } });
  }
}
