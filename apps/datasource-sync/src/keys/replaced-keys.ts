import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { followKeys, SealedBody } from '@signalbox/nest-service';
import { CLOCK, describeError, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import { PublishedKey } from '../datasources/published-key.js';
import { Resealing } from './resealing.js';

/** Sealing keys that were replaced before this start, or are while the process runs: see SIGNALBOX_SECRET_KEYS. */
@Injectable()
export class ReplacedKeys implements OnApplicationBootstrap, OnModuleDestroy {
  private stop: (() => void) | undefined;

  constructor(
    private readonly bodies: SealedBody,
    private readonly published: PublishedKey,
    private readonly resealing: Resealing,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    const { bodies, clock, logger } = this;
    this.stop = followKeys({ bodies, clock, logger, onReplaced: () => this.replace() });
    // The next process that starts tries again.
    this.resealing
      .execute()
      .catch((error: unknown) =>
        logger.warn({ reason: describeError(error) }, 'stored credentials not looked through'),
      );
  }

  onModuleDestroy(): void {
    this.stop?.();
  }

  private async replace(): Promise<void> {
    await this.published.publish();
    await this.resealing.execute();
  }
}
