// @ts-check
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { exchanges } from '@signalbox/contracts/messages';
import { connect } from 'amqplib';
import { median } from './measure.mjs';
import { childrenOf, cpuSecondsOf, memoryOf } from '../support/processes.mjs';
import { startSystem } from './system.mjs';
import { PUBLICATION, startSource, writeChanges } from './wal-source.mjs';

/** @typedef {import('./wal-source.mjs').Source} Source */
/** @typedef {Awaited<ReturnType<typeof startSystem>>} System */
/** @typedef {{ seconds: number, cpuSeconds: number }} Took */

const CHANGES = 100_000;
/** What is read, with the mark at the start and at the end. */
const READ = CHANGES + 2;
const ROUNDS = 3;
/** It has no consumer, and of the durable queues a stream costs RabbitMQ least: otherwise the machine measures the broker. */
const SINK = { 'x-queue-type': 'stream', 'x-max-length-bytes': 200_000_000 };

/**
 * From the WAL of a database to RabbitMQ with datasource-sync as it runs, beside programs that read the same WAL: copies of its slot, in
 * alternating rounds.
 */
export async function* following() {
  const source = await startSource();
  const system = await startSystem();
  const readers = { bare: startReader('bare'), published: startReader('published') };
  try {
    const broker = await connect(system.brokerUrl);
    const marks = await listen(broker);
    const followed = await follow(system, source);
    /** @type {{ bare: Took, published: Took, ours: Awaited<ReturnType<Followed['resume']>> }[]} */
    const rounds = [];
    for (let round = 0; round <= ROUNDS; round++) {
      await followed.pause();
      for (const name of ['bare', 'published'])
        await source.database.query('SELECT pg_copy_logical_replication_slot($1, $2)', [followed.slot, name]);
      await mark(source);
      await writeChanges(source.database, CHANGES, (round * CHANGES) / 2);
      await mark(source);
      const order = { url: source.url, brokerUrl: system.brokerUrl, publication: PUBLICATION, count: READ };
      const bare = await readers.bare.run({ ...order, slot: 'bare' });
      const ours = await followed.resume(marks);
      const published = await readers.published.run({ ...order, slot: 'published' });
      for (const name of ['bare', 'published']) {
        await untilFree(source, name);
        await source.database.query('SELECT pg_drop_replication_slot($1)', [name]);
      }
      if (round > 0) rounds.push({ bare, published, ours });
    }
    yield* shown(rounds);
    const most = (/** @type {'main' | 'worker'} */ who) => followed.memory.map((each) => each[who]).join(', ');
    yield `  MiB before, and the most in each round: datasource-sync ${most('main')}; its worker ${most('worker')}`;
    await broker.close();
  } finally {
    for (const reader of Object.values(readers)) reader.stop();
    await system.close();
    await source.close();
  }
}

/** @param {{ bare: Took, published: Took, ours: Took & { workerSeconds: number } }[]} rounds */
function* shown(rounds) {
  yield `${CHANGES.toLocaleString('en')} changes of a table with eight columns, from its WAL to RabbitMQ; ${ROUNDS} rounds`;
  const line = (/** @type {string} */ name, /** @type {'bare' | 'published' | 'ours'} */ who) => {
    const cpu = ((median(rounds.map((round) => round[who].cpuSeconds)) / READ) * 1e6).toFixed(1).padStart(6);
    const rate = Math.round(READ / median(rounds.map((round) => round[who].seconds)));
    // Ratios within a round: what else the machine does changes from round to round.
    const multiple = (/** @type {'cpuSeconds' | 'seconds'} */ of) =>
      median(rounds.map((round) => round[who][of] / round.published[of]));
    const beside = `CPU ${multiple('cpuSeconds').toFixed(2)} ×, rate ${(1 / multiple('seconds')).toFixed(2)} ×`;
    return `  ${name.padEnd(52)} ${cpu} µs CPU  ${rate.toLocaleString('en').padStart(8)}/s  ${beside}`;
  };
  yield line('pg-logical-replication, JSON, amqplib, 1,000 in flight', 'published');
  yield line('pg-logical-replication, rows counted, none published', 'bare');
  yield line('datasource-sync and its worker', 'ours');
  const worker = median(rounds.map(({ ours }) => ours.workerSeconds)) / READ;
  yield `  CPU of the worker alone: ${(worker * 1e6).toFixed(1)} µs`;
}

/** @param {'bare' | 'published'} program */
function startReader(program) {
  const child = fork(fileURLToPath(new URL('wal-reader.mjs', import.meta.url)), [program]);
  return {
    /** @param {object} order @returns {Promise<Took>} */
    async run(order) {
      child.send(order);
      const [took] = await once(child, 'message');
      return took;
    },
    stop: () => child.kill(),
  };
}

/** @param {Source} source */
const mark = ({ database }) => database.query('INSERT INTO marks DEFAULT VALUES');

/** Until the server has noticed that no connection reads the slot any more. @param {Pick<Source, 'database'>} source @param {string} slot */
async function untilFree({ database }, slot) {
  for (;;) {
    const { rows } = await database.query('SELECT active FROM pg_replication_slots WHERE slot_name = $1', [slot]);
    if (!rows[0]?.active) return;
    await wait(20);
  }
}

/** Calls `onMark` when a mark of datasource-sync has arrived, and with it all that was published before. @param {import('amqplib').ChannelModel} broker */
async function listen(broker) {
  const channel = await broker.createChannel();
  const { name, type } = exchanges.changes;
  await channel.assertExchange(name, type);
  await channel.assertQueue('bench.sink', { durable: true, arguments: SINK });
  await channel.bindQueue('bench.sink', name, '#');
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, name, '*.public.marks.insert');
  const listener = { onMark: () => undefined };
  const arrived = (/** @type {import('amqplib').ConsumeMessage | null} */ message) => {
    if (message?.fields.routingKey.startsWith('ds_')) listener.onMark();
  };
  await channel.consume(queue, arrived, { noAck: true });
  return listener;
}

/** @typedef {Awaited<ReturnType<typeof follow>>} Followed */

/** datasource-sync follows the database. @param {System} system @param {Source} source */
async function follow(system, { port, database }) {
  await database.query(`CREATE TABLE marks (id serial PRIMARY KEY); CREATE ROLE replicator LOGIN REPLICATION PASSWORD 'bench';
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO replicator`);
  const service = await system.start('datasource-sync', {
    SIGNALBOX_SECRET_KEYS: randomBytes(32).toString('base64url'),
    SIGNALBOX_ALLOW_LOOPBACK_TARGETS: 'true',
  });
  const connectionString = `postgres://replicator:bench@127.0.0.1:${port}/postgres?sslmode=disable`;
  const { id } = await system.send('POST', '/v1/datasources', { connectionString });
  const slot = `signalbox_${id.split('_').at(-1)}`;
  for (;;) {
    const { sync } = await system.get(`/v1/datasources/${id}/detail`);
    if (sync.state === 'streaming') break;
    await wait(50);
  }
  const workers = childrenOf(service.pid);
  const cpuOfWorkers = () => workers.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
  const cpu = () => ({ main: cpuSecondsOf(service.pid), worker: cpuOfWorkers() });
  const memoryNow = () => ({ main: memoryOf(service.pid), worker: Math.max(...workers.map(memoryOf)) });
  const memory = [memoryNow()];
  return {
    slot,
    /** In MiB. */
    memory,
    async pause() {
      await system.send('PATCH', `/v1/datasources/${id}`, { paused: true });
      await untilFree({ database }, slot);
    },
    /** From the first change to the last. @param {{ onMark: () => void }} marks */
    async resume(marks) {
      const most = memoryNow();
      const sampling = setInterval(() => {
        const { main, worker } = memoryNow();
        most.main = Math.max(most.main, main);
        most.worker = Math.max(most.worker, worker);
      }, 200);
      const next = () => new Promise((resolve) => (marks.onMark = () => resolve({ ...cpu(), at: performance.now() })));
      const first = next();
      await system.send('PATCH', `/v1/datasources/${id}`, { paused: false });
      const begin = await first;
      const end = await next();
      clearInterval(sampling);
      memory.push(most);
      const workerSeconds = end.worker - begin.worker;
      return {
        seconds: (end.at - begin.at) / 1_000,
        cpuSeconds: end.main - begin.main + workerSeconds,
        workerSeconds,
      };
    },
  };
}
