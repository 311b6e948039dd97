import { Inject, Injectable } from '@nestjs/common';
import { prefixOfUsers, readersOf } from '@signalbox/contracts/rights';
import { apiKeyEntry, defineStream, entries, gatewayStream } from '@signalbox/contracts/streams';
import { userOf, type RawDelivery } from '@signalbox/messaging';
import { CLOCK, CONFIG, type Clock } from '@signalbox/platform';
import { FollowedStreams, type FollowedStream } from '@signalbox/state-streams';
import type { Config } from '../config.js';
import { ANY_READER, permissionOf, type KnownSenders } from './permission.rules.js';
import type { Permission, ReaderKey } from './sender.js';

/** What is kept of the stream `gateway`. */
const readerKeysStream = defineStream({
  name: gatewayStream.name,
  entries: {
    key: entries(gatewayStream.entries.key.prefix, apiKeyEntry.pick({ id: true, readers: true, expires_at: true })),
  },
});

/** The senders at the broker, and the readers for which each may publish. The keys of readers come from the stream of the gateways. */
@Injectable()
export class BrokerSenders implements KnownSenders {
  readonly sharedUser: string;
  private readonly isChecked: boolean;
  private readonly stream: FollowedStream<typeof readerKeysStream>;
  private byUser: ReadonlyMap<string, ReaderKey> = new Map();
  private revision = 0;
  private readonly listeners = new Set<() => void>();

  constructor(
    streams: FollowedStreams,
    @Inject(CONFIG) config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.isChecked = config.BROKER_SENDERS === 'checked';
    this.sharedUser = `${prefixOfUsers(userOf(config.RABBITMQ_URL), 'reader-heartbeat') ?? ''}readers`;
    this.stream = streams.follow(readerKeysStream, { requiredForReadiness: false });
    if (this.isChecked) this.stream.onChange(() => this.update());
  }

  /** False until the keys were received: until then heartbeats may be refused that count. */
  get areKeysKnown(): boolean {
    return !this.isChecked || this.stream.hasSnapshot;
  }

  /** Keys that have expired are among them. */
  get keys(): Iterable<ReaderKey> {
    return this.byUser.values();
  }

  keyOf(user: string): ReaderKey | undefined {
    const key = this.byUser.get(user);
    return key !== undefined && key.expiresAt > this.clock.now() ? key : undefined;
  }

  permissionOf(delivery: Pick<RawDelivery, 'user' | 'routingKey'>): Permission {
    return this.isChecked ? permissionOf(delivery, this) : ANY_READER;
  }

  /** Calls the listener after each change of the keys. Returns how to stop that. */
  onKeys(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private update(): void {
    const { key } = this.stream.collections;
    if (key.revision === this.revision) return;
    this.revision = key.revision;
    this.byUser = new Map(
      Array.from(key.values()).flatMap(({ id, readers, expires_at: expiresAt }) =>
        readers === null
          ? []
          : [[id, { id, pattern: readers, covers: readersOf(readers), expiresAt: expiresAt ?? Infinity }]],
      ),
    );
    for (const listener of this.listeners) listener();
  }
}
