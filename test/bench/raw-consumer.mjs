// @ts-check
// The raw reference for heartbeats, in a process of its own: a consumer as someone would write it who has only amqplib.
import { connect } from 'amqplib';

const [url = '', queue = ''] = process.argv.slice(2);
/** @type {Map<string, unknown>} */
const readers = new Map();

const connection = await connect(url);
const channel = await connection.createChannel();
await channel.consume(
  queue,
  (message) => {
    const body = JSON.parse(message?.content.toString() ?? 'null');
    for (const beat of Array.isArray(body) ? body : [body]) readers.set(beat.reader_id, beat);
  },
  { noAck: true },
);
process.send?.({});
process.once('SIGTERM', () => process.exit());
