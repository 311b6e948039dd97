import { Inject, Injectable } from '@nestjs/common';
import { listenForNotifications } from '@signalbox/persistence';
import { CLOCK, CONFIG, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import type { Config } from '../config.js';
import { CHANGED_CHANNEL } from '../store/datasource-transaction.js';

/** Notices at once what other processes change. While it cannot, it is noticed at the next turn. */
@Injectable()
export class ChangeListener {
  private stopListening: (() => Promise<void>) | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'DATABASE_URL'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  start(wake: () => void): void {
    this.stopListening ??= listenForNotifications(
      {
        url: () => this.config.DATABASE_URL,
        schema: 'datasource_sync',
        applicationName: 'datasource-sync changes',
        channel: CHANGED_CHANNEL,
        clock: this.clock,
        logger: this.logger,
      },
      wake,
    );
  }

  async stop(): Promise<void> {
    await this.stopListening?.();
  }
}
