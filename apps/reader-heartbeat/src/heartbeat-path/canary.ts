import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { exchanges } from '@signalbox/contracts/messages';
import { Amqp, decodeJson, type RawDelivery } from '@signalbox/messaging';
import { CLOCK, every, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import { z } from 'zod';
import { CANARY_INTERVAL_MS } from './heartbeat-path-watch.rules.js';

const CANARY = 'reader-heartbeat.canary';
const MAX_BYTES = 1_024;
const canaryBody = z.object({ nonce: z.string(), sent_at: z.number() });

/**
 * Publishes a canary message every second through the readers' exchange and queue, and recognizes it on delivery: it shows
 * whether heartbeats can arrive.
 */
@Injectable()
export class Canary implements OnModuleDestroy {
  /** Only this process knows it, so that no other sender can imitate our canary. */
  private readonly nonce = randomUUID();
  private stop: (() => void) | undefined;

  constructor(
    private readonly amqp: Amqp,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  start(): void {
    this.stop = every({ clock: this.clock, ms: CANARY_INTERVAL_MS, atOnce: true }, () => this.send());
  }

  onModuleDestroy(): void {
    this.stop?.();
  }

  /** Whether a delivery is a canary, of this process or another. */
  isCanary(delivery: RawDelivery): boolean {
    return delivery.type === CANARY;
  }

  /** When a canary of this process was sent (monotonic ms); undefined for any other. */
  sentAt(delivery: RawDelivery): number | undefined {
    const decoded = decodeJson(delivery, MAX_BYTES);
    const { data } = canaryBody.safeParse(decoded.ok ? decoded.body : undefined);
    return data?.nonce === this.nonce ? data.sent_at : undefined;
  }

  send(): void {
    this.amqp.publisher
      .publish({
        exchange: exchanges.heartbeats.name,
        routingKey: 'canary',
        type: CANARY,
        body: { nonce: this.nonce, sent_at: this.clock.monotonic() },
      })
      // A missing canary closes the heartbeat path, so nothing else is to be done here.
      .catch((error: unknown) => this.logger.debug({ err: error }, 'canary not confirmed'));
  }
}
