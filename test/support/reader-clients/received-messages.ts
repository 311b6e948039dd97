import { connect, type Channel, type ChannelModel, type MessageProperties } from 'amqplib';
import { exchanges, heartbeat, readerCommandTypes, type Heartbeat } from '@signalbox/contracts/messages';

export interface ReceivedMessage {
  readonly beats: readonly Heartbeat[];
  readonly isArray: boolean;
  readonly routingKey: string;
  readonly properties: MessageProperties;
}

/** The broker's side of Signalbox for readers: receives their heartbeats as the contract reads them, and sends commands. */
export class ReceivedMessages {
  readonly messages: ReceivedMessage[] = [];

  private constructor(
    private readonly connection: ChannelModel,
    readonly channel: Channel,
  ) {}

  static async open(url: string): Promise<ReceivedMessages> {
    const connection = await connect(url);
    connection.on('error', () => undefined);
    const received = new ReceivedMessages(connection, await connection.createChannel());
    await received.listen();
    return received;
  }

  /** Every heartbeat, or those of one reader, in the order of their arrival. */
  beats(readerId?: string): Heartbeat[] {
    const all = this.messages.flatMap(({ beats }) => beats);
    return readerId === undefined ? all : all.filter(({ reader_id }) => reader_id === readerId);
  }

  states(readerId: string): string[] {
    return this.beats(readerId).map(({ state }) => state);
  }

  /** Sends a command to stop, as the gateway does. */
  stop(readerId: string, bootId: string): void {
    const body = { reader_id: readerId, boot_id: bootId, requested_at: Date.now() };
    this.channel.publish(exchanges.readerCommands.name, readerId, Buffer.from(JSON.stringify(body)), {
      type: readerCommandTypes.stop,
      persistent: true,
    });
  }

  async close(): Promise<void> {
    await this.connection.close().catch(() => undefined);
  }

  private async listen(): Promise<void> {
    for (const { name, type } of [exchanges.heartbeats, exchanges.readerCommands])
      await this.channel.assertExchange(name, type, { durable: true });
    const { queue } = await this.channel.assertQueue('', { exclusive: true });
    await this.channel.bindQueue(queue, exchanges.heartbeats.name, '#');
    await this.channel.consume(
      queue,
      (message) => {
        if (!message) return;
        const body: unknown = JSON.parse(message.content.toString());
        const beats = (Array.isArray(body) ? body : [body]).map((beat) => heartbeat.parse(beat));
        const { properties, fields } = message;
        this.messages.push({ beats, isArray: Array.isArray(body), routingKey: fields.routingKey, properties });
      },
      { noAck: true },
    );
  }
}
