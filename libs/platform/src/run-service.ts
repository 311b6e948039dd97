import { setMaxListeners } from 'node:events';
import { buildVersion, release } from './build.js';
import { systemClock } from './clock.js';
import { ConfigError } from './config.error.js';
import type { Environment } from './load-config.js';
import { createLogger, type Logger, type LogLevel } from './logger.js';

export interface RunningService {
  /** The ports of this process; sent to the supervisor. */
  readonly ready: { readonly managementPort: number; readonly port?: number };
  /** Finishes running work and closes; called once. */
  stop(): Promise<void>;
}

export interface StartContext<Config> {
  readonly config: Config;
  readonly logger: Logger;
  /** Aborted when a stop is requested, so that a start that waits, for a database for example, ends early. */
  readonly shutdown: AbortSignal;
  /** Stops the process from inside, in the same order and with the same exit status as SIGTERM; the reason is logged. */
  readonly requestStop: (reason: string) => void;
}

export interface ServiceOptions<Config extends { readonly LOG_LEVEL: LogLevel }> {
  readonly name: string;
  /** Reads the configuration, by default from the environment of the process. Called once, first. @throws ConfigError */
  readonly config: (env?: Environment) => Config;
  readonly start: (context: StartContext<Config>) => Promise<RunningService>;
  /** Milliseconds that a stop may take. After that the process exits with status 1. */
  readonly stopDeadlineMs?: number;
}

/**
 * Runs a service as a process, from reading its configuration to its exit.
 *
 * When ready, the process sends `{type: 'ready', managementPort, port?}` to its supervisor, if it was started with an IPC channel.
 * SIGTERM, SIGINT and the loss of that channel stop it in order (exit status 0); an uncaught error stops it in order, too (exit
 * status 1). A failed start exits with 1: with plain text on standard error if the configuration is wrong, else with a fatal log line.
 */
export function runService<Config extends { readonly LOG_LEVEL: LogLevel }>(options: ServiceOptions<Config>): void {
  const { name, stopDeadlineMs = 10_000 } = options;
  let config: Config;
  try {
    config = options.config();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    exitWithText(name, error);
  }
  const logger = createLogger({ name, level: config.LOG_LEVEL });
  const abort = new AbortController();
  // Each request that waits for a change listens to it: many listeners are no leak.
  setMaxListeners(0, abort.signal);
  let exitCode = 0;

  // The start begins one tick later, after the handlers below are registered, so that they handle its errors and signals.
  const starting = Promise.resolve().then(() =>
    options.start({ config, logger, shutdown: abort.signal, requestStop: (reason) => void stop(reason) }),
  );

  const stop = async (reason: string): Promise<void> => {
    if (abort.signal.aborted) return;
    logger.info({ reason }, 'stopping');
    systemClock.schedule(stopDeadlineMs, () => {
      logger.fatal(`still not stopped after ${stopDeadlineMs} ms; exiting`);
      process.exit(1);
    });
    abort.abort();
    try {
      // A start that was aborted rejects; then there is nothing to stop.
      const running = await starting.catch(() => undefined);
      await running?.stop();
    } catch (error) {
      logger.error({ err: error }, 'stop failed');
      exitCode = 1;
    }
    logger.info('stopped');
    process.exit(exitCode);
  };

  const fail =
    (kind: string) =>
    (error: unknown): void => {
      logger.fatal({ err: error }, kind);
      exitCode = 1;
      void stop(kind);
    };

  process.on('uncaughtException', fail('uncaught exception'));
  process.on('unhandledRejection', fail('unhandled rejection'));
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
  if (process.send) {
    process.on('disconnect', () => void stop('the supervisor disconnected'));
    if (!process.connected) void stop('the supervisor disconnected');
  }

  starting.then(
    ({ ready }) => {
      if (abort.signal.aborted) return;
      logger.info({ ...ready, release, version: buildVersion(import.meta.url) }, 'ready');
      // A channel that just closed is reported by `disconnect`; the callback keeps it from being thrown as well.
      process.send?.({ type: 'ready', ...ready }, () => undefined);
    },
    (error: unknown) => {
      if (abort.signal.aborted) return;
      if (error instanceof ConfigError) exitWithText(name, error);
      logger.fatal({ err: error }, `could not start: ${error instanceof Error ? error.message : String(error)}`);
      process.exit(1);
    },
  );
}

function exitWithText(name: string, error: ConfigError): never {
  process.stderr.write(`${name} cannot start. ${error.message}\n`);
  process.exit(1);
}
