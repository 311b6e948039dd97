import { setTimeout as wait } from 'node:timers/promises';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { CONFIG, SHUTDOWN } from '@signalbox/platform';
import type { Config } from '../config.js';

/**
 * Whether this process is stopping. It answers for SIGNALBOX_DRAIN_MS longer, so that load balancers see that it stops and
 * no client is cut off.
 */
@Injectable()
export class Stopping implements OnModuleDestroy {
  private isClosing = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(SHUTDOWN) private readonly shutdown: AbortSignal,
  ) {}

  get hasBegun(): boolean {
    return this.isClosing || this.shutdown.aborted;
  }

  async onModuleDestroy(): Promise<void> {
    this.isClosing = true;
    await wait(this.config.SIGNALBOX_DRAIN_MS);
  }
}
