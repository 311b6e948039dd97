import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { gatewayStream } from '@signalbox/contracts/streams';
import { Database } from '@signalbox/persistence';
import { CLOCK, describeError, every, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import { tidyGatewayStream } from './persistence/tidy-gateway-stream.js';

const EVERY_MS = 3_600_000;

/** Removes what has expired from the gateways' stream, every hour. Of several gateways one at a time does it; the others find nothing left. */
@Injectable()
export class StreamTidying implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private stop = (): void => undefined;

  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.stop = every({ clock: this.clock, ms: EVERY_MS, background: true }, () => this.tidy());
  }

  beforeApplicationShutdown(): void {
    this.stop();
  }

  private async tidy(): Promise<void> {
    try {
      await this.database.streamTransaction(gatewayStream.name, tidyGatewayStream);
    } catch (error) {
      this.logger.warn(
        { reason: describeError(error) },
        'expired tokens and keys were not removed; the next hour tries again',
      );
    }
  }
}
