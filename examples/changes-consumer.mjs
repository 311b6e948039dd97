// A consumer of changes: prints each change of every datasource once. docs/messages.md describes the messages.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'amqplib';
import { connectionUrl } from './lib/connection-url.mjs';
import { fail, readPositionals } from './lib/options.mjs';

const usage = `Usage: npm run changes -- [name] [routing key]
   or: node examples/changes-consumer.mjs [name] [routing key]

  name          of its queue, after \`changes.\`    (printer)
  routing key   for example 'ds_abc.public.orders.*' (#: all changes)

It connects to CONSUMER_RABBITMQ_URL. Without that variable it reads the URL from connection.env, which \`npm start\`
writes into the folder SIGNALBOX_HOME (default: .signalbox in this checkout).`;

const [name = 'printer', key = '#'] = readPositionals(usage, { positionals: 2 });
const url = urlOfBroker();
const queue = `changes.${name}`;
const mostIds = 100_000;

/** The newest ids. A consumer that keeps data stores them with it, in the same transaction: then a repeat is known after a crash too. */
const handled = new Set();

/** The work. A change that is delivered again has the id that it had before. */
function handle({ id, op, schema, table, key: rowKey, after }) {
  if (handled.has(id)) return;
  console.log(id, op, schema === null ? table : `${schema}.${table}`, JSON.stringify(rowKey), JSON.stringify(after));
  handled.add(id);
  for (const oldest of handled) {
    if (handled.size <= mostIds) break;
    handled.delete(oldest);
  }
}

function urlOfBroker() {
  try {
    return connectionUrl('CONSUMER_RABBITMQ_URL');
  } catch (error) {
    return fail(error.message);
  }
}

/** Not the text of an error: it may contain the URL with its password. */
const reasonOf = (error) =>
  /ACCESS.REFUSED/.test(error.message) ? 'the broker refuses the login' : (error.code ?? error.name);

/** Consumes until the connection is lost or this process is stopped. */
async function consume(stopped) {
  const connection = await connect(url);
  connection.on('error', () => {}); // `close` follows
  const closed = once(connection, 'close');
  try {
    const channel = await connection.createChannel();
    channel.on('error', (error) => console.error(`channel closed: ${error.message}`));
    channel.once('close', () => void connection.close().catch(() => {}));
    await channel.assertQueue(queue, {
      durable: true,
      arguments: {
        'x-queue-type': 'quorum',
        'x-single-active-consumer': true, // a second process waits: one at a time keeps the order
        'x-delivery-limit': 1_000_000, // RabbitMQ 4 drops a message that was returned 20 times otherwise
      },
    });
    await channel.bindQueue(queue, 'signalbox.changes', key);
    await channel.prefetch(100);
    await channel.consume(queue, (message) => {
      // Null: the queue was deleted.
      if (message === null) return void connection.close().catch(() => {});
      handle(JSON.parse(message.content.toString()));
      channel.ack(message); // after the work: what is not acknowledged is delivered again
    });
    console.error(`consuming from ${queue}`);
    if (!stopped.aborted) await Promise.race([closed, once(stopped, 'abort')]);
  } finally {
    await connection.close().catch(() => {});
  }
}

const stopping = new AbortController();
// Its reader has ended, as `head` does.
process.stdout.on('error', () => stopping.abort());
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stopping.abort());
for (let wait = 250; !stopping.signal.aborted; wait = Math.min(wait * 2, 5_000)) {
  const startedAt = performance.now();
  await consume(stopping.signal).catch((error) => console.error(`no connection (${reasonOf(error)})`));
  if (performance.now() - startedAt > 30_000) wait = 250;
  await sleep(wait * (0.5 + Math.random() / 2), undefined, { signal: stopping.signal }).catch(() => {});
}
