import { randomBytes } from 'node:crypto';
import {
  deadLettersTopology,
  exchanges,
  requestsQueue,
  datasourceRequest,
  streamOwnerTopology,
  type DatasourceRequest,
} from '@signalbox/contracts/messages';
import { datasourcesStream, type DatasourceEntry } from '@signalbox/contracts/streams';
import { Amqp } from '@signalbox/messaging';
import { SealedBody, type AmqpContext } from '@signalbox/nest-service';
import { createLogger, Health, systemClock } from '@signalbox/platform';
import { StreamAnnouncer, StreamOwner } from '@signalbox/state-streams';

const service = 'datasource-sync';
const { name: stream, entries } = datasourcesStream;

/** A request as the owner receives it, its body opened. */
export interface Asked extends Omit<DatasourceRequest, 'sealed' | 'sealed_until'> {
  readonly type: string;
  readonly content: unknown;
}

/** In place of datasource-sync: publishes the stream that a test sets and answers requests as the test says. */
export class DatasourceOwner {
  /** Everything that was asked for, in order. */
  readonly asked: Asked[] = [];
  /** How requests are answered; throws RequestRefused to refuse. */
  answer: (asked: Asked) => unknown = () => {
    throw new Error('no test expects a request');
  };
  private readonly bodies = new SealedBody({
    keys: [{ id: 'a test', key: randomBytes(32) }],
    service,
    clock: systemClock,
  });
  private readonly owner: StreamOwner<NonNullable<unknown>>;
  private readonly announcer: StreamAnnouncer;

  private constructor(private readonly amqp: Amqp) {
    const logger = createLogger({ name: service, level: 'silent' });
    const epoch = Date.now();
    this.owner = new StreamOwner({
      stream,
      epoch,
      entries: [[entries.service.key(), { public_key: this.bodies.publicKey }]],
    });
    this.announcer = new StreamAnnouncer({ stream, amqp, clock: systemClock, logger, health: new Health() });
  }

  static async start(url: string): Promise<DatasourceOwner> {
    const amqp = new Amqp({
      url,
      name: service,
      logger: createLogger({ name: service, level: 'silent' }),
      topology: streamOwnerTopology(),
      deadLetters: { exchange: deadLettersTopology.exchanges[0]!.name },
    });
    await amqp.open();
    const made = new DatasourceOwner(amqp);
    await made.listen();
    return made;
  }

  /** Shows the datasources as they are now. Returns the number of the change. */
  async show(...datasources: DatasourceEntry[]): Promise<number> {
    return this.change(datasources.map((each) => ({ key: entries.datasource.key(each.id), value: each })));
  }

  async remove(...ids: string[]): Promise<number> {
    return this.change(ids.map((id) => ({ key: entries.datasource.key(id), value: null })));
  }

  async close(): Promise<void> {
    this.announcer.disown();
    await this.amqp.close();
  }

  private async change(changes: { key: string; value: NonNullable<unknown> | null }[]): Promise<number> {
    for (const delta of this.owner.commit(changes)) await this.announcer.announce(delta);
    return this.owner.seq;
  }

  private async listen(): Promise<void> {
    this.announcer.own(this.owner);
    const queue = requestsQueue(service);
    await this.amqp.respond<DatasourceRequest, unknown>({
      queue: queue.name,
      declare: {
        exchanges: [exchanges.requests],
        queues: [queue],
        bindings: [{ exchange: exchanges.requests.name, queue: queue.name, key: service }],
      },
      schema: datasourceRequest,
      handler: (delivery) => {
        const { type = '', messageId = '', body: request } = delivery;
        const { sealed, sealed_until: _, ...rest } = request;
        const message = { messageId, delivery } as unknown as AmqpContext;
        const content = sealed === undefined ? undefined : this.bodies.of(request, message);
        const asked = { type, content, ...rest };
        this.asked.push(asked);
        return this.answer(asked);
      },
    }).ready;
  }
}
