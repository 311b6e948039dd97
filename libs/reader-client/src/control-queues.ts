import type { Channel, ConsumeMessage } from 'amqplib';
import {
  exchanges,
  readerCommandTypes,
  readerControlQueue,
  readerControlArguments,
} from '@signalbox/contracts/messages';
import { reasonOf, type BrokerSession } from './broker-session.js';
import type { Log } from './log-line.js';
import type { StopCommand } from './reader-options.js';
import { stopCommandOf } from './stop-command.js';

/** The broker answered that the queue is there with other arguments. */
const PRECONDITION_FAILED = 406;
/** After a queue was refused, or deleted. */
const AGAIN_MS = 60_000;

export interface ControlQueuesOptions {
  readonly log: Log;
  /** Called once for each incarnation, with the first command that is for it. */
  readonly onStop: (bootId: string, command: StopCommand) => void;
}

interface Controlled {
  readonly bootId: string;
  readonly readerId: string;
  /** Undefined: its queue is not consumed. */
  consumerTag: string | undefined;
  /** A command is acknowledged when the deregistration is confirmed; the broker delivers it again on another connection. */
  unacknowledged: ConsumeMessage[];
  /** Whether a command was handed on. A connection may be lost after that, and the command is delivered again. */
  isHanded: boolean;
  /** It takes no further command. */
  isStopping: boolean;
}

/** The queues for commands of the readers that can be stopped. Heartbeats go on where the broker refuses one. */
export class ControlQueues {
  private readonly readers = new Map<string, Controlled>();
  private session: BrokerSession | undefined;
  /** Of all consumers. */
  private channel: Channel | undefined;
  /** Declares and binds: the broker closes a channel on which it refuses something. */
  private declaring: Channel | undefined;
  private work: Promise<unknown> = Promise.resolve();
  private again: NodeJS.Timeout | undefined;
  private lastRefusal = '';

  constructor(private readonly options: ControlQueuesOptions) {}

  add(bootId: string, readerId: string): void {
    const flags = { isHanded: false, isStopping: false };
    this.readers.set(bootId, { bootId, readerId, consumerTag: undefined, unacknowledged: [], ...flags });
    this.consumeAll();
  }

  /** Takes no further command: it may be for the next incarnation, whose process may run already. */
  stopping(bootId: string): void {
    const reader = this.readers.get(bootId);
    if (reader === undefined) return;
    reader.isStopping = true;
    const { consumerTag } = reader;
    reader.consumerTag = undefined;
    if (consumerTag !== undefined) void this.channel?.cancel(consumerTag).catch(() => undefined);
  }

  /** Acknowledges the commands of an incarnation that is deregistered. Its queue stays for the next one. */
  remove(bootId: string): void {
    for (const message of this.readers.get(bootId)?.unacknowledged ?? []) this.channel?.ack(message);
    this.readers.delete(bootId);
  }

  /** To be called with each new session. */
  connected(session: BrokerSession): void {
    this.disconnected();
    this.session = session;
    this.consumeAll();
  }

  disconnected(): void {
    this.session = undefined;
    this.declaring = undefined;
    this.forgetConsumers();
    this.lastRefusal = '';
    clearTimeout(this.again);
  }

  private forgetConsumers(): void {
    this.channel = undefined;
    for (const reader of this.readers.values()) Object.assign(reader, { consumerTag: undefined, unacknowledged: [] });
  }

  /** Consumes the queues that are not consumed yet, one after the other. */
  private consumeAll(): void {
    clearTimeout(this.again);
    const { session } = this;
    this.work = this.work.then(async () => {
      for (const reader of this.readers.values()) {
        if (session === undefined || this.session !== session) return;
        if (reader.consumerTag !== undefined || reader.isStopping) continue;
        await this.consume(reader, session).catch((error) => this.refused(reader, error));
      }
    });
  }

  private async consume(reader: Controlled, session: BrokerSession): Promise<void> {
    const queue = readerControlQueue(reader.readerId);
    await this.declare(queue, reader.readerId, session);
    const channel = (this.channel ??= await this.openConsuming(session));
    const { consumerTag } = await channel.consume(queue, (message) => this.receive(reader, channel, message));
    if (this.channel !== channel) return;
    if (reader.isStopping) await channel.cancel(consumerTag);
    else reader.consumerTag = consumerTag;
  }

  private async openConsuming(session: BrokerSession): Promise<Channel> {
    const channel = await session.openChannel(() => {
      if (this.channel !== channel) return;
      this.forgetConsumers();
      this.consumeLater();
    });
    return channel;
  }

  /** A queue that is there with other arguments is used as it is. */
  private async declare(queue: string, key: string, session: BrokerSession): Promise<void> {
    try {
      await (await this.declaringOn(session)).assertQueue(queue, { durable: true, arguments: readerControlArguments });
    } catch (error) {
      if ((error as { code?: unknown }).code !== PRECONDITION_FAILED) throw error;
      await (await this.declaringOn(session)).checkQueue(queue);
    }
    await (await this.declaringOn(session)).bindQueue(queue, exchanges.readerCommands.name, key);
  }

  private async declaringOn(session: BrokerSession): Promise<Channel> {
    if (this.declaring !== undefined) return this.declaring;
    const channel = await session.openChannel(() => {
      if (this.declaring === channel) this.declaring = undefined;
    });
    return (this.declaring = channel);
  }

  private receive(reader: Controlled, channel: Channel, message: ConsumeMessage | null): void {
    if (this.channel !== channel) return;
    if (message === null) {
      // The queue was deleted.
      reader.consumerTag = undefined;
      return this.consumeLater();
    }
    const command = message.properties.type === readerCommandTypes.stop ? stopCommandOf(message.content) : undefined;
    if (command?.boot_id !== reader.bootId) return channel.ack(message);
    reader.unacknowledged.push(message);
    if (!reader.isHanded) this.options.onStop(reader.bootId, command);
    reader.isHanded = true;
  }

  private refused({ readerId }: Controlled, error: unknown): void {
    if (this.session === undefined) return;
    const text = `${readerId} cannot be stopped by a command: ${reasonOf(error)}`;
    if (text !== this.lastRefusal) this.options.log({ level: 'warn', text });
    this.lastRefusal = text;
    this.consumeLater();
  }

  private consumeLater(): void {
    clearTimeout(this.again);
    this.again = setTimeout(() => this.consumeAll(), AGAIN_MS);
  }
}
