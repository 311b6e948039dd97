import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { isStale, PROBE_STALE_MS, type ProbeFacts } from '@signalbox/component-status';
import { CLASSIC, exchanges } from '@signalbox/contracts/messages';
import { Amqp, type Subscription } from '@signalbox/messaging';
import { Database } from '@signalbox/persistence';
import { CLOCK, every, LOGGER, within, type Clock, type Logger } from '@signalbox/platform';
import { z } from 'zod';

const EVERY_MS = 5_000;
const TIMEOUT_MS = 4_000;

export type ConnectionState = 'OK' | 'UNHEALTHY';

/** The state of this gateway's own connections: by the probe of the database, and by a message that is sent and received. */
@Injectable()
export class ConnectionChecks implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly queue = `gateway.check.${randomUUID()}`;
  private passedAt: number | undefined;
  private tookMs: number | undefined;
  private failed = false;
  private hasQueue = false;
  private hasWarned = false;
  private readonly expected = new Map<string, () => void>();
  private subscription: Subscription | undefined;
  private cancel: (() => void) | undefined;
  private isStopped = false;

  constructor(
    private readonly amqp: Amqp,
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  get states(): { database: ConnectionState; broker: ConnectionState } {
    const { storage, messaging } = this.probes;
    return { database: stateOf(storage), broker: stateOf(messaging) };
  }

  /** How long the last check of the broker that passed took; undefined before the first. */
  get roundTripMs(): number | undefined {
    return this.tookMs;
  }

  /** The same, as the rules of the components take it. */
  get probes(): { storage: ProbeFacts; messaging: ProbeFacts } {
    const { up, answeredAtMs } = this.database.status();
    const { blocked } = this.amqp.status();
    return {
      storage: { result: up ? 'passed' : 'failed', passedMs: this.ageOf(answeredAtMs) },
      messaging: {
        result: this.brokerResult,
        passedMs: this.ageOf(this.passedAt),
        ...(blocked !== undefined && { detail: blocked }),
      },
    };
  }

  private get brokerResult(): ProbeFacts['result'] {
    const { up, blocked } = this.amqp.status();
    if (!up) return 'failed';
    if (blocked !== undefined) return 'blocked';
    return this.failed ? 'failed' : 'passed';
  }

  onApplicationBootstrap(): void {
    const { queue: name } = this;
    this.subscription = this.amqp.subscribe({
      queue: name,
      declare: {
        exchanges: [exchanges.replies],
        bindings: [{ exchange: exchanges.replies.name, queue: name, key: name }],
        queues: [
          {
            name,
            durable: false,
            exclusive: true,
            autoDelete: true,
            arguments: { ...CLASSIC, 'x-message-ttl': PROBE_STALE_MS, 'x-max-length': 100 },
          },
        ],
      },
      schema: z.object({ nonce: z.string() }),
      onActive: () => {
        this.hasQueue = true;
        this.checkBroker();
      },
      handler: ({ body: { nonce } }) => this.expected.get(nonce)?.(),
    });
    // The publish connection may be up later than the consume connection.
    this.amqp.onStatus(() => this.checkBroker());
    this.cancel = every({ clock: this.clock, ms: EVERY_MS, atOnce: true, background: true }, () => this.checkBroker());
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    this.cancel?.();
    await this.subscription?.close();
  }

  private ageOf(at: number | undefined): number | undefined {
    return at === undefined ? undefined : this.clock.monotonic() - at;
  }

  private checkBroker(): void {
    const started = this.clock.monotonic();
    this.roundTrip().then(
      () => {
        this.passedAt = Math.max(this.passedAt ?? started, started);
        this.failed = false;
        this.hasWarned = false;
        this.tookMs = this.clock.monotonic() - started;
      },
      (error: unknown) => {
        // A later one has passed meanwhile: this one was lost with a connection. Or the broker itself says that it takes nothing now.
        if ((this.passedAt ?? -1) > started || this.amqp.status().blocked !== undefined) return;
        this.failed = true;
        // Each start begins without the queue: the broker returns the message.
        if (!this.hasQueue || this.hasWarned || this.isStopped) return;
        this.hasWarned = true;
        this.logger.warn({ err: error }, 'message broker does not answer this gateway');
      },
    );
  }

  private async roundTrip(): Promise<void> {
    const nonce = randomUUID();
    const back = new Promise<void>((resolve) => this.expected.set(nonce, resolve));
    const sent = this.amqp.publisher.publish({
      exchange: exchanges.replies.name,
      routingKey: this.queue,
      type: 'gateway.check',
      body: { nonce },
      mandatory: true,
    });
    const bound = { clock: this.clock, ms: TIMEOUT_MS };
    await within(bound, Promise.all([sent, back])).finally(() => this.expected.delete(nonce));
  }
}

const stateOf = (probe: ProbeFacts): ConnectionState =>
  probe.result === 'passed' && !isStale(probe) ? 'OK' : 'UNHEALTHY';
