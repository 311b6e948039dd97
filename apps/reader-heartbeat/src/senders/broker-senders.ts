import { Inject, Injectable } from '@nestjs/common';
import { prefixOfUsers, readersOf } from '@signalbox/contracts/rights';
import { apiKeyEntry, BEACON_INTERVAL_MS, defineStream, entries, gatewayStream } from '@signalbox/contracts/streams';
import { userOf, type RawDelivery } from '@signalbox/messaging';
import { CLOCK, CONFIG, type Clock } from '@signalbox/platform';
import { FollowedStreams, Replicas, type FollowedStream } from '@signalbox/state-streams';
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

/**
 * The broker asks the gateway again about a channel that was idle for two seconds. So the reader with the shortest lease that misses a dead
 * gateway has an interval of two seconds, and this is shorter than what then is left of its lease, by default. One beacon may be lost.
 */
const GATEWAY_SILENT_MS = 2 * BEACON_INTERVAL_MS + 250;

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
    private readonly replicas: Replicas,
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

  /**
   * False while heartbeats with keys may be refused that count: until the keys are known here, and while no gateway says to the broker what
   * they may publish. Then the silence of a reader says nothing about it.
   */
  get canPublishWithKeys(): boolean {
    if (!this.isChecked) return true;
    if (!this.stream.hasSnapshot) return false;
    return this.byUser.size === 0 || this.replicas.of(readerKeysStream.name).silentMs! <= GATEWAY_SILENT_MS;
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
