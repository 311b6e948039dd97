import { connect, type MessageProperties } from 'amqplib';
import { exchanges, heartbeat, type Heartbeat } from '@signalbox/contracts/messages';

export interface HeardBeat {
  beat: Heartbeat;
  routingKey: string;
  properties: MessageProperties;
}

/** Makes the exchange and hears every message on it; one that the schema refuses fails the listener's `beats`. */
export async function hearBeats(url: string) {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  const { name, type } = exchanges.heartbeats;
  await channel.assertExchange(name, type, { durable: true });
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, name, '#');
  const heard: HeardBeat[] = [];
  let refused: unknown;
  await channel.consume(
    queue,
    (message) => {
      if (!message) return;
      const parsed = heartbeat.safeParse(JSON.parse(message.content.toString()));
      if (parsed.success) {
        heard.push({ beat: parsed.data, routingKey: message.fields.routingKey, properties: message.properties });
      } else refused ??= parsed.error;
    },
    { noAck: true },
  );
  return {
    heard(): HeardBeat[] {
      if (refused !== undefined) throw refused;
      return heard;
    },
    beats(readerId = 'r-1'): Heartbeat[] {
      return this.heard()
        .map(({ beat }) => beat)
        .filter(({ reader_id }) => reader_id === readerId);
    },
    close: () => connection.close(),
  };
}

export type HeardBeats = Awaited<ReturnType<typeof hearBeats>>;
