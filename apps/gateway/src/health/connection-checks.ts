import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Amqp, type Subscription } from '@signalbox/messaging';
import { Database } from '@signalbox/persistence';
import { CLOCK, LOGGER, within, type Clock, type Logger } from '@signalbox/platform';
import { z } from 'zod';

const EVERY_MS = 5_000;
const TIMEOUT_MS = 4_000;
/** Nothing older is shown as it was. */
const STALE_MS = 10_000;

export type ConnectionState = 'OK' | 'UNHEALTHY';

/** Whether this gateway's own database and broker work, found out in the background: by a query, and by a message sent and received. */
@Injectable()
export class ConnectionChecks implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly queue = `gateway.check.${randomUUID()}`;
  private readonly passedAt: { database: number | undefined; broker: number | undefined } = {
    database: undefined,
    broker: undefined,
  };
  private readonly failed = { database: false, broker: false };
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
    return { database: this.stateOf('database'), broker: this.stateOf('broker') };
  }

  onApplicationBootstrap(): void {
    const { queue: name } = this;
    this.subscription = this.amqp.subscribe({
      queue: name,
      declare: {
        exchanges: [],
        bindings: [],
        queues: [
          {
            name,
            durable: false,
            exclusive: true,
            autoDelete: true,
            arguments: { 'x-message-ttl': STALE_MS, 'x-max-length': 100 },
          },
        ],
      },
      schema: z.object({ nonce: z.string() }),
      onActive: () => this.look('broker'),
      handler: ({ body: { nonce } }) => this.expected.get(nonce)?.(),
    });
    // The one connection may be there before the other.
    this.amqp.onStatus(({ up }) => up && this.look('broker'));
    this.round();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    this.cancel?.();
    await this.subscription?.close();
  }

  private round(): void {
    this.cancel = this.clock.schedule(EVERY_MS, () => this.round(), { background: true });
    this.look('database');
    this.look('broker');
  }

  private stateOf(what: 'database' | 'broker'): ConnectionState {
    const at = this.passedAt[what];
    return at !== undefined && !this.failed[what] && this.clock.monotonic() - at <= STALE_MS ? 'OK' : 'UNHEALTHY';
  }

  private look(what: 'database' | 'broker'): void {
    const started = this.clock.monotonic();
    this.attempt(what).then(
      () => {
        this.passedAt[what] = started;
        this.failed[what] = false;
      },
      (error: unknown) => {
        if (!this.failed[what] && !this.isStopped)
          this.logger.warn({ err: error }, `the ${what} does not answer this gateway`);
        this.failed[what] = true;
      },
    );
  }

  private async attempt(what: 'database' | 'broker'): Promise<void> {
    const bounds = { clock: this.clock, ms: TIMEOUT_MS };
    if (what === 'database') return void (await within(bounds, this.database.dataSource.query('SELECT 1')));
    const nonce = randomUUID();
    const back = new Promise<void>((resolve) => this.expected.set(nonce, resolve));
    const sent = this.amqp.publisher.publish({
      exchange: '',
      routingKey: this.queue,
      type: 'gateway.check',
      body: { nonce },
      mandatory: true,
    });
    await within(bounds, Promise.all([sent, back])).finally(() => this.expected.delete(nonce));
  }
}
