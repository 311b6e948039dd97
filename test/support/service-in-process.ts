import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createLogger, type RunningService, type ServiceConfig, type ServiceOptions } from '@signalbox/platform';
import { checkout } from './script-run.js';
import type { Ready, Service } from './service.js';

/** Which scripts/lib/prepare/bundle-for-tests.mjs makes. */
export const SERVICES_BUNDLE = pathToFileURL(join(checkout, 'test/bundle/services.js')).href;

type Services = Readonly<Record<string, ServiceOptions<ServiceConfig>>>;

/**
 * One service inside the process of the test, from a bundle of all services, on the real broker and database: it starts in a tenth of
 * the CPU time of a process. Tests of signals, exit codes, kills and pauses need a `ServiceProcess`.
 */
export class ServiceInProcess implements Service {
  output = '';
  readonly ready: Promise<Ready>;
  /** Resolves when it has stopped, also where it asked for that itself. */
  readonly ended: Promise<void>;
  private readonly abort = new AbortController();
  private readonly starting: Promise<RunningService>;
  private stopped: Promise<void> | undefined;
  private end: () => void = () => undefined;

  constructor(name: string, env: Record<string, string>) {
    this.ended = new Promise((resolve) => (this.end = resolve));
    this.starting = this.start(name, env);
    this.ready = this.starting.then(({ ready }) => ready);
    // A caller that awaits it sees the failure; a test that expects the failure does not await it.
    this.ready.catch(() => undefined);
  }

  stop(): Promise<void> {
    this.stopped ??= this.stopOnce();
    return this.stopped;
  }

  private async start(name: string, env: Record<string, string>): Promise<RunningService> {
    const { default: services } = (await import(SERVICES_BUNDLE)) as { default: Services };
    const service = services[name];
    if (service === undefined) throw new Error(`there is no service ${name}`);
    const config = service.config({ LOG_LEVEL: 'info', ...env });
    const write = (line: string): void => void (this.output += line);
    const logger = createLogger({ name, level: config.LOG_LEVEL, destination: { write } });
    const requestStop = (reason: string): void => {
      logger.info({ reason }, 'stopping');
      void this.stop();
    };
    return service.start({ config, logger, shutdown: this.abort.signal, requestStop });
  }

  private async stopOnce(): Promise<void> {
    this.abort.abort();
    // A start that was aborted rejects; then there is nothing to stop.
    const running = await this.starting.catch(() => undefined);
    await running?.stop();
    this.end();
  }
}
