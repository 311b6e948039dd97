import { Amqp } from '@signalbox/messaging';
import { createLogger } from '@signalbox/platform';
import { beat } from './beating.js';

/**
 * Fifty readers of one host, which share a connection and a routing key: RabbitMQ keeps what it knows of twelve keys for each channel, and asks
 * a gateway about others again and again. They publish a heartbeat every second until they are stopped, also while the broker is down.
 */
export class FiftyReaders {
  readonly ids = Array.from({ length: 50 }, (_, index) => `fifty-${index}`);
  private readonly amqp: Amqp;
  private readonly timer: NodeJS.Timeout;

  constructor(url: string) {
    const topology = { exchanges: [], queues: [], bindings: [] };
    const logger = createLogger({ name: 'fifty-readers', level: 'silent' });
    this.amqp = new Amqp({
      url,
      name: 'fifty-readers',
      logger,
      topology,
      deadLetters: { exchange: 'signalbox.dead-letters' },
      reconnect: { minMs: 100, maxMs: 1_000 },
    });
    // The client waits for a broker that is down. Heartbeats that fail meanwhile are lost, as those of any reader.
    this.amqp.open().catch(() => undefined);
    this.timer = setInterval(() => this.beat(), 1_000);
    this.beat();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.amqp.close().catch(() => undefined);
  }

  private beat(): void {
    for (const id of this.ids) {
      this.amqp.publisher
        .publish({
          exchange: 'signalbox.heartbeats',
          routingKey: this.ids[0]!,
          type: 'reader.heartbeat',
          body: beat(id, { heartbeat_wait_interval: 1 }),
        })
        .catch(() => undefined);
    }
  }
}

/** Reads a gateway's status ten times a second and collects the readers that were ever declared dead. */
export class DeathWatch {
  readonly dead = new Set<string>();
  answers = 0;
  private watching = true;
  private readonly done: Promise<void>;

  /** @param status the documented maps, or undefined while the gateway cannot answer */
  constructor(status: () => Promise<{ dead_readers: Record<string, unknown> } | null | undefined>) {
    this.done = this.watch(status);
  }

  async stop(): Promise<void> {
    this.watching = false;
    await this.done;
  }

  private async watch(
    status: () => Promise<{ dead_readers: Record<string, unknown> } | null | undefined>,
  ): Promise<void> {
    while (this.watching) {
      const maps = await status().catch(() => undefined);
      if (maps) this.answers += 1;
      for (const id of Object.keys(maps?.dead_readers ?? {})) this.dead.add(id);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
