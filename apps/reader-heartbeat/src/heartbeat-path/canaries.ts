import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { exchanges } from '@signalbox/contracts/messages';
import { Amqp, decodeJson, type RawDelivery } from '@signalbox/messaging';
import { CLOCK, every, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import { z } from 'zod';
import { CanaryKeys } from './canary-keys.rules.js';
import { CANARY_INTERVAL_MS } from './heartbeat-path-watch.rules.js';

const CANARY = 'reader-heartbeat.canary';
const MAX_BYTES = 1_024;
const canaryBody = z.object({ nonce: z.string(), sent_at: z.number() });

/**
 * Publishes a canary message every second through the readers' exchange and the queue of each partition of this process, and recognizes it
 * on delivery: it shows whether heartbeats can arrive.
 */
@Injectable()
export class Canaries implements OnModuleDestroy {
  /** Only this process knows it, so that no other sender can imitate our canaries. */
  private readonly nonce = randomUUID();
  private readonly keys = new CanaryKeys(() => `canary.${randomUUID()}`);
  private readonly stop: () => void;
  /** How many partitions there are. */
  private count = 1;

  constructor(
    private readonly amqp: Amqp,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.stop = every({ clock, ms: CANARY_INTERVAL_MS }, () => this.send(this.keys.toSend(this.count)));
  }

  onModuleDestroy(): void {
    this.stop();
  }

  setCount(count: number): void {
    this.count = count;
  }

  /** This process consumes the queue of the partition from now on. */
  join(partition: number): void {
    this.keys.join(partition);
    this.probe(partition);
  }

  leave(partition: number): void {
    this.keys.leave(partition);
  }

  /** Sends a canary through a partition at once. */
  probe(partition: number): void {
    this.send(this.keys.toSendThrough(partition, this.count));
  }

  /** Whether a delivery is a canary, of this process or another. */
  isCanary(delivery: RawDelivery): boolean {
    return delivery.type === CANARY;
  }

  /** A canary arrived in a partition. @returns when it was sent (monotonic ms); undefined where it is not of this process */
  returned(partition: number, delivery: RawDelivery): number | undefined {
    const decoded = decodeJson(delivery, MAX_BYTES);
    const { data } = canaryBody.safeParse(decoded.ok ? decoded.body : undefined);
    if (data?.nonce !== this.nonce) return undefined;
    this.keys.returned(partition, delivery.routingKey);
    return data.sent_at;
  }

  private send(keys: readonly string[]): void {
    const body = { nonce: this.nonce, sent_at: this.clock.monotonic() };
    for (const routingKey of keys)
      this.amqp.publisher
        .publish({ exchange: exchanges.heartbeats.name, routingKey, type: CANARY, body })
        // A missing canary closes the heartbeat path, so nothing else is to be done here.
        .catch((error: unknown) => this.logger.debug({ err: error }, 'canary not confirmed'));
  }
}
