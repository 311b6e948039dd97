import type { StreamDelta } from '@signalbox/contracts/streams';
import type { Logger, Clock } from '@signalbox/platform';
import { StreamRelay, type StreamRelayOptions } from '@signalbox/persistence';
import { StreamOwner } from '../core/stream-owner.js';
import type { StreamAnnouncer } from './stream-announcer.js';

export interface PostgresStreamOptions extends Pick<StreamRelayOptions, 'url' | 'schema' | 'load'> {
  readonly stream: string;
  readonly announcer: StreamAnnouncer;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * A stream whose deltas are rows of the service's outbox: while this process holds the relay's lock it publishes them in
 * order and speaks for the stream. What it says of itself (beacon, snapshot) never runs ahead of what was confirmed.
 */
export class PostgresStream {
  private owner: StreamOwner<NonNullable<unknown>> | undefined;
  private readonly relay: StreamRelay;

  constructor(private readonly options: PostgresStreamOptions) {
    const { url, schema, stream, load, logger, clock } = options;
    this.relay = new StreamRelay({
      url,
      schema,
      stream,
      load,
      logger,
      clock,
      onOwned: ({ epoch, seq, entries }) => this.own(epoch, seq, entries),
      publish: ({ epoch, seq, changes }) => this.publish({ stream, epoch, seq, changes }),
      onLost: () => this.lose(),
    });
  }

  start(): void {
    this.relay.start();
  }

  async stop(): Promise<void> {
    await this.relay.stop();
    this.options.announcer.disown();
  }

  private own(epoch: number, seq: number, entries: Iterable<readonly [string, NonNullable<unknown>]>): void {
    const { stream, announcer, logger } = this.options;
    this.owner = new StreamOwner({ stream, epoch, seq, entries });
    logger.info({ stream, epoch, seq, entries: this.owner.size }, 'owns the stream');
    announcer.own(this.owner);
  }

  private async publish(delta: StreamDelta): Promise<void> {
    await this.options.announcer.announce(delta);
    this.owner?.apply(delta);
  }

  private lose(): void {
    this.owner = undefined;
    this.options.logger.warn({ stream: this.options.stream }, 'lost the stream; another process may own it now');
    this.options.announcer.disown();
  }
}
