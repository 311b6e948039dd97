import { randomUUID } from 'node:crypto';
import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';

/** A heartbeat with every required member; `over` changes or adds some. */
export const beat = (readerId: string, over: Record<string, unknown> = {}) => ({
  reader_id: readerId,
  state: 'ready',
  consumer_name: readerId,
  consumer_groups: ['primary'],
  model_name: 'llama-3-70b',
  model_type: 'chat',
  device: 'cuda',
  pids: [4121, 4122],
  heartbeat_wait_interval: 10,
  ...over,
});

/** Publishes heartbeats as docs/messages.md describes, without code of Signalbox. */
export class BeatPublisher {
  private constructor(
    private readonly connection: ChannelModel,
    private readonly channel: ConfirmChannel,
  ) {}

  static async open(url: string): Promise<BeatPublisher> {
    const connection = await connect(url);
    return new BeatPublisher(connection, await connection.createConfirmChannel());
  }

  /** Sends one message with this JSON body, or exactly these bytes. */
  async send(body: unknown, properties: Record<string, unknown> = {}): Promise<void> {
    const to = { exchange: 'signalbox.heartbeats', key: 'any.stable.key' };
    await this.publish(to, body, { type: 'reader.heartbeat', ...properties });
  }

  /** Sends any message. */
  async publish(
    { exchange, key }: { exchange: string; key: string },
    body: unknown,
    properties: Record<string, unknown>,
  ): Promise<void> {
    const content = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    this.channel.publish(exchange, key, content, { contentType: 'application/json', ...properties });
    await this.channel.waitForConfirms();
  }

  /** Dead-letters a JSON message, as a service does. @param properties `user`: the one of this connection */
  async deadLetter(
    body: unknown,
    { queue, user, headers }: { queue: string; user: string; headers: Record<string, unknown> },
  ): Promise<void> {
    this.channel.publish('signalbox.dead-letters', queue, Buffer.from(JSON.stringify(body)), {
      contentType: 'application/json',
      userId: user,
      messageId: randomUUID(),
      headers: { 'x-reason': 'handler-failed', ...headers },
    });
    await this.channel.waitForConfirms();
  }

  /** Takes one message from a queue. */
  async take(queue: string): Promise<{ headers: Record<string, unknown>; body: string } | undefined> {
    const message = await this.channel.get(queue, { noAck: true });
    return message ? { headers: message.properties.headers ?? {}, body: message.content.toString() } : undefined;
  }

  async close(): Promise<void> {
    await this.connection.close();
  }
}
