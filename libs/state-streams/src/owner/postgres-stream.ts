import type { Logger, Clock } from '@signalbox/platform';
import { StreamRelay, type StreamRelayOptions } from '@signalbox/persistence';
import { RelayedStream } from './relayed-stream.js';
import type { StreamAnnouncer } from './stream-announcer.js';

export interface PostgresStreamOptions extends Pick<StreamRelayOptions, 'url' | 'schema' | 'load'> {
  readonly stream: string;
  readonly announcer: StreamAnnouncer;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * A stream whose deltas are rows of the service's outbox. While this process holds the relay's lock it publishes them in
 * order, with beacons and snapshots.
 */
export class PostgresStream {
  private readonly relay: StreamRelay;

  constructor(private readonly options: PostgresStreamOptions) {
    const { url, schema, stream, load, logger, clock, announcer } = options;
    const relayed = new RelayedStream({ stream, announcer, logger });
    this.relay = new StreamRelay({
      url,
      schema,
      stream,
      load,
      logger,
      clock,
      onOwned: (owned) => relayed.own(owned),
      publish: (delta) => relayed.publish(delta),
      onLost: () => relayed.lose(),
    });
  }

  start(): void {
    this.relay.start();
  }

  async stop(): Promise<void> {
    await this.relay.stop();
    this.options.announcer.disown();
  }
}
