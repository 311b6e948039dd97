import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { followKeys, SealedBody } from '@signalbox/nest-service';
import { CLOCK, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { ResealStored } from './reseal-stored.js';

/** Sealing keys that are replaced while the registry runs: see SIGNALBOX_SECRET_KEYS. */
@Injectable()
export class ReplacedKeys implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopped = new AbortController();
  private stopFollowing: (() => void) | undefined;

  constructor(
    private readonly bodies: SealedBody,
    private readonly lifecycle: Lifecycle,
    private readonly reseal: ResealStored,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    const { bodies, clock, logger } = this;
    this.stopFollowing = followKeys({ bodies, clock, logger, onReplaced: () => this.replace() });
  }

  onModuleDestroy(): void {
    this.stopped.abort();
    this.stopFollowing?.();
  }

  private async replace(): Promise<void> {
    await this.lifecycle.publishKey();
    await this.reseal.execute(new Set(), this.stopped.signal);
  }
}
