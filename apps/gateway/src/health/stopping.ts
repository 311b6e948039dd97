import { setTimeout as wait } from 'node:timers/promises';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { CONFIG } from '@signalbox/platform';
import type { Config } from '../config.js';

/** Whether this process is on its way out. It goes on answering for a while, so that load balancers see it and clients are not cut off. */
@Injectable()
export class Stopping implements OnModuleDestroy {
  private begun = false;

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  get hasBegun(): boolean {
    return this.begun;
  }

  async onModuleDestroy(): Promise<void> {
    this.begun = true;
    await wait(this.config.SIGNALBOX_DRAIN_MS);
  }
}
