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
import { Places } from '../settings/places.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { LoadConfigured } from './load-configured.js';
import { ReloadStored } from './reload-stored.js';

const RETRY_MS = 2_000;
/** A database that is away does not hold up the end. */
const LAST_WORD_MS = 2_000;

/** The registry's start and end. The stream says `initializing` before anybody is told anything else of this life. */
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
    private readonly places: Places,
    @Inject(CONFIG) private readonly settings: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onModuleInit(): Promise<void> {
    this.config = await readConfigFile({ file: this.places.configFile, variable: environmentVariable });
    ({ hasLoaded: this.hasLoaded } = await this.lifecycle.begin(this.config.frozen));
  }

  onApplicationBootstrap(): void {
    this.loading = this.load();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped.abort();
    await this.loading;
    const said = this.lifecycle
      .drain(AbortSignal.timeout(LAST_WORD_MS))
      .catch((error: unknown) => this.logger.warn({ err: error }, 'could not tell that it is stopping'));
    await Promise.race([said, wait(LAST_WORD_MS, undefined, { ref: false })]);
    await wait(this.settings.SIGNALBOX_DRAIN_MS);
  }

  /** Until it has succeeded: a database that goes away meanwhile comes back. */
  private async load(): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      try {
        await this.loadOnce(signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.logger.error({ err: error }, `could not load the projects; trying again in ${RETRY_MS / 1_000} s`);
        await wait(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private async loadOnce(signal: AbortSignal): Promise<void> {
    const { isReadable } = this.config;
    const anew = this.settings.SIGNALBOX_INITIALIZE && isReadable;
    // What a file that cannot be read would load is loaded once it can be; until then what is stored stays.
    const fromFile = anew || (!this.hasLoaded && isReadable);
    if (fromFile) await this.loadConfigured.execute(this.config, { anew, signal });
    else await this.reloadStored.execute(this.config, signal);
    signal.throwIfAborted();
    await this.lifecycle.serve({ hasLoaded: this.hasLoaded || fromFile });
    this.logger.info(
      { from: fromFile ? (this.places.configFile ?? 'nothing') : 'what is stored', frozen: this.config.frozen },
      'serving',
    );
  }
}
