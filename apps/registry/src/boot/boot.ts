import { setTimeout as wait } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { CONFIG, LOGGER, type Logger } from '@signalbox/platform';
import { readConfigFile } from '../config-file/read-config-file.js';
import { EMPTY, type RegistryConfig } from '../config-file/registry-config.rules.js';
import { environmentVariable, type Config } from '../config.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { Places } from '../settings/places.js';
import { LoadConfigured } from './load-configured.js';
import { QuotaReport } from './quota-report.js';
import { ReloadStored } from './reload-stored.js';

const RETRY_MS = 2_000;
/** For publishing `draining`: an unavailable database does not delay the stop for longer. */
const DRAIN_PUBLISH_MS = 2_000;

/** Start and stop of the registry. At a start the stream says `initializing` before it says anything else. */
@Injectable()
export class Boot implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopped = new AbortController();
  private config: RegistryConfig = EMPTY;
  private hasLoaded = false;
  private loading: Promise<void> = Promise.resolve();

  constructor(
    private readonly lifecycle: Lifecycle,
    private readonly loadConfigured: LoadConfigured,
    private readonly reloadStored: ReloadStored,
    private readonly quotas: QuotaReport,
    private readonly places: Places,
    @Inject(CONFIG) private readonly settings: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onModuleInit(): Promise<void> {
    this.config = await readConfigFile({ file: this.places.configFile, variable: environmentVariable });
    const { isReadable, frozenBecause } = this.config;
    const file = this.places.configFile;
    if (!isReadable)
      this.logger.warn({ file, reason: frozenBecause }, 'configuration is frozen, nothing can be changed');
    const because = frozenBecause === undefined ? undefined : `${file} ${frozenBecause}`;
    ({ hasLoaded: this.hasLoaded } = await this.lifecycle.begin(because));
  }

  onApplicationBootstrap(): void {
    this.loading = this.load();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped.abort();
    await this.loading;
    const published = this.lifecycle
      .drain(AbortSignal.timeout(DRAIN_PUBLISH_MS))
      .catch((error: unknown) => this.logger.warn({ err: error }, 'draining state not published'));
    await Promise.race([published, wait(DRAIN_PUBLISH_MS, undefined, { ref: false })]);
    await wait(this.settings.SIGNALBOX_DRAIN_MS);
  }

  /** Retries until it succeeds: the database may be unavailable for a while. */
  private async load(): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      try {
        await this.loadOnce(signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.logger.error({ err: error, retry_ms: RETRY_MS }, 'projects not loaded, retrying');
        await wait(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private async loadOnce(signal: AbortSignal): Promise<void> {
    const { isReadable } = this.config;
    const reset = this.settings.SIGNALBOX_INITIALIZE && isReadable;
    // A file that cannot be read is loaded at a later start; until then the stored tree stays.
    const fromFile = reset || (!this.hasLoaded && isReadable);
    if (fromFile) await this.loadConfigured.execute(this.config, { reset, signal });
    else await this.reloadStored.execute(this.config, signal);
    signal.throwIfAborted();
    await this.quotas.execute();
    await this.lifecycle.serve({ hasLoaded: this.hasLoaded || fromFile });
    this.logger.info(
      { from: fromFile ? (this.places.configFile ?? 'no file') : 'storage', frozen: this.config.frozen },
      'serving',
    );
  }
}
