import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { exchanges } from '@signalbox/contracts/messages';
import { Amqp, decodeJson, type RawDelivery } from '@signalbox/messaging';
import { CLOCK, every, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import { z } from 'zod';
import { CANARY_INTERVAL_MS } from './line-watch.js';

const CANARY = 'reader-heartbeat.canary';
const MAX_BYTES = 1_024;
const canaryBody = z.object({ nonce: z.string(), sent_at: z.number() });

/** Sends a message of our own down the readers' way every second, and knows it again when it comes out. */
@Injectable()
export class Canary implements OnModuleDestroy {
  /** Known to this process alone, so that nobody else's message passes for ours. */
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

  /** Sends one now. */
  send(): void {
    this.amqp.publisher
      .publish({
        exchange: exchanges.heartbeats.name,
        routingKey: 'canary',
        type: CANARY,
        body: { nonce: this.nonce, sent_at: this.clock.monotonic() },
      })
      // That it does not arrive is what it is there to show.
      .catch((error: unknown) => this.logger.debug({ err: error }, 'a canary was not confirmed'));
  }
}
