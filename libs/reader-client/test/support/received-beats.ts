import { connect, type MessageProperties } from 'amqplib';
import { exchanges, heartbeat, type Heartbeat } from '@signalbox/contracts/messages';

export interface ReceivedBeat {
  beat: Heartbeat;
  routingKey: string;
  properties: MessageProperties;
}

/** Declares the exchange and receives each message on it. `beats` throws when the schema refuses a message. */
export async function receiveBeats(url: string) {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  const { name, type } = exchanges.heartbeats;
  await channel.assertExchange(name, type, { durable: true });
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, name, '#');
  const received: ReceivedBeat[] = [];
  let refused: unknown;
  await channel.consume(
    queue,
    (message) => {
      if (!message) return;
      const parsed = heartbeat.safeParse(JSON.parse(message.content.toString()));
      if (parsed.success) {
        received.push({ beat: parsed.data, routingKey: message.fields.routingKey, properties: message.properties });
      } else refused ??= parsed.error;
    },
    { noAck: true },
  );
  return {
    received(): ReceivedBeat[] {
      if (refused !== undefined) throw refused;
      return received;
    },
    beats(readerId = 'r-1'): Heartbeat[] {
      return this.received()
        .map(({ beat }) => beat)
        .filter(({ reader_id }) => reader_id === readerId);
    },
    close: () => connection.close(),
  };
}

export type ReceivedBeats = Awaited<ReturnType<typeof receiveBeats>>;
