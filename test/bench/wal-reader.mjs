// @ts-check
// Programs without Signalbox that read a slot, each in a process of its own: `bare` counts rows, `published` sends them to RabbitMQ as
// someone would who has only the two libraries.
import { Socket } from 'node:net';
import { exchanges } from '@signalbox/contracts/messages';
import { connect } from 'amqplib';
import { LogicalReplicationService, PgoutputPlugin } from 'pg-logical-replication';

/** @typedef {{ url: string, brokerUrl: string, publication: string, slot: string, count: number }} Order */
/** @typedef {(message: any, lsn: string) => boolean} Take whether more may come */

const IN_FLIGHT = 1_000;

/** @param {Order} order @param {Take} take @param {Socket} socket @returns {Promise<() => Promise<void>>} what ends it */
async function read({ url, publication, slot }, take, socket) {
  const service = new LogicalReplicationService(
    { connectionString: url, stream: () => socket },
    { acknowledge: { auto: false, timeoutSeconds: 0 } },
  );
  const plugin = new PgoutputPlugin({ protoVersion: 1, publicationNames: [publication] });
  service.on('data', (lsn, message) => {
    if ((message.tag === 'insert' || message.tag === 'update') && !take(message, lsn)) socket.pause();
  });
  const subscribed = service.subscribe(plugin, slot).catch(() => undefined);
  return async () => {
    await service.destroy();
    await subscribed;
  };
}

/** What it took from the first change to the last. */
class Stopwatch {
  startedAt = 0;
  cpu = process.cpuUsage();

  start() {
    this.startedAt = performance.now();
    this.cpu = process.cpuUsage();
  }

  stop() {
    const { user, system } = process.cpuUsage(this.cpu);
    return { seconds: (performance.now() - this.startedAt) / 1_000, cpuSeconds: (user + system) / 1e6 };
  }
}

/** @param {Order} order */
async function bare(order) {
  const watch = new Stopwatch();
  let seen = 0;
  /** @type {() => void} */
  let finish = () => undefined;
  const done = new Promise((resolve) => (finish = () => resolve(watch.stop())));
  const take = () => {
    if (seen === 0) watch.start();
    if (++seen === order.count) finish();
    return true;
  };
  const end = await read(order, take, new Socket());
  const result = await done;
  await end();
  return result;
}

/** @param {Order} order */
async function published(order) {
  const connection = await connect(order.brokerUrl);
  const channel = await connection.createConfirmChannel();
  const watch = new Stopwatch();
  const socket = new Socket();
  let sent = 0;
  let confirmed = 0;
  /** @type {() => void} */
  let finish = () => undefined;
  const done = new Promise((resolve) => (finish = () => resolve(watch.stop())));
  const onConfirm = () => {
    confirmed += 1;
    if (confirmed === order.count) finish();
    else if (socket.isPaused() && sent - confirmed <= IN_FLIGHT / 2) socket.resume();
  };
  /** @type {Take} */
  const take = ({ tag, relation, new: after }, lsn) => {
    if (sent === 0) watch.start();
    sent += 1;
    const id = `reference:${lsn}:${sent}`;
    channel.publish(
      exchanges.changes.name,
      `reference.${relation.schema}.${relation.name}.${tag}`,
      Buffer.from(
        JSON.stringify({ id, lsn, op: tag, schema: relation.schema, table: relation.name, before: null, after }),
      ),
      { messageId: id, type: 'datasource.change', contentType: 'application/json', persistent: true },
      onConfirm,
    );
    return sent - confirmed < IN_FLIGHT;
  };
  const end = await read(order, take, socket);
  const result = await done;
  await end();
  await connection.close();
  return result;
}

const program = process.argv[2] === 'published' ? published : bare;
process.on('message', (order) => void program(/** @type {Order} */ (order)).then((took) => process.send?.(took)));
process.on('disconnect', () => process.exit());
