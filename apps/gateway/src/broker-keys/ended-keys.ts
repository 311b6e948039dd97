import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { isBrokerKeyKind } from '@signalbox/contracts/http';
import { gatewayStream, type ApiKeyEntry } from '@signalbox/contracts/streams';
import { CLOCK, CONFIG, describeError, every, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import { FollowedStreams, type FollowedStream } from '@signalbox/state-streams';
import { ApiKeyRepository } from '../access/persistence/api-key.repository.js';
import type { Config } from '../config.js';
import { BrokerManagement } from './broker-management.js';
import { ConnectionCloser } from './connection-closer.js';

const LOOK_EVERY_MS = 250;
const DAY_MS = 86_400_000;
/** A connection that was open while no gateway ran is found after the start of one within this time. */
const ENDED_SINCE_MS = 30 * DAY_MS;
const MOST_AT_START = 1_000;
const TRY_AGAIN_MS = 5_000;

/** Has the connections closed of keys that leave the stream, or expire; after a start also of those that ended while no gateway ran. */
@Injectable()
export class EndedKeys implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stream: FollowedStream<typeof gatewayStream>;
  private readonly expired = new WeakSet<ApiKeyEntry>();
  private stops: (() => void)[] = [];

  constructor(
    streams: FollowedStreams,
    private readonly keys: ApiKeyRepository,
    private readonly management: BrokerManagement,
    private readonly closer: ConnectionCloser,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.stream = streams.follow(gatewayStream);
  }

  onApplicationBootstrap(): void {
    if (!this.management.isKnown) {
      if (this.config.SIGNALBOX_BROKER_AUTH_PORT !== undefined)
        this.logger.warn(
          'SIGNALBOX_BROKER_MANAGEMENT_URL is not set: connections at the broker of keys that are revoked or expire stay open, and are not counted',
        );
      return;
    }
    const { clock } = this;
    const stopStart = every({ clock, ms: TRY_AGAIN_MS, atOnce: true, background: true }, async () => {
      if (await this.endEarlierOnes()) stopStart();
    });
    this.stops = [
      this.stream.collections.key.onRemoved((key) => this.end(key)),
      every({ clock, ms: LOOK_EVERY_MS, background: true }, () => this.endExpired()),
      stopStart,
    ];
  }

  onModuleDestroy(): void {
    for (const stop of this.stops) stop();
  }

  private end({ id, kind }: ApiKeyEntry): void {
    if (isBrokerKeyKind(kind)) void this.closer.end(id);
  }

  private endExpired(): void {
    const now = this.clock.now();
    for (const key of this.stream.collections.key.values()) {
      if (key.expires_at === null || key.expires_at > now || this.expired.has(key)) continue;
      this.expired.add(key);
      this.end(key);
    }
  }

  /** One after the other, so that they do not keep back those that end now. @returns false where the database does not answer */
  private async endEarlierOnes(): Promise<boolean> {
    try {
      const now = this.clock.now();
      const ids = await this.keys.endedBrokerKeys({ since: new Date(now - ENDED_SINCE_MS), most: MOST_AT_START });
      for (const id of ids) await this.closer.closeAll(id);
      return true;
    } catch (error) {
      this.logger.warn(
        { reason: describeError(error) },
        'keys that ended earlier are not known yet; their connections at the broker stay open meanwhile',
      );
      return false;
    }
  }
}
