// @ts-check
import { setTimeout as wait } from 'node:timers/promises';
import { testBroker, testDatabase } from '@signalbox/testing';
import { connect } from 'amqplib';
import { ms } from './calls.mjs';
import { startReaderHeartbeat } from './reader-heartbeat.mjs';
import { Program } from './programs.mjs';

const RUNS = 3;
const SECONDS = 15;
const READERS = 10_000;
const PER_SECOND = 20_000;
/** Heartbeats of a message. One in each would measure the broker, which then has no core left on a small machine. */
const BATCH = 10;
/** Readers that send one heartbeat and no other. */
const SILENT = 750;
/** Of their interval of a second: three missed heartbeats, and the message timeout. */
const LEASE_MS = 3_500;

/** How long after its deadline a silent reader is called dead, until the delta is there that says so, while many heartbeats come in. */
export async function* readerDeaths() {
  const broker = await testBroker();
  const database = await testDatabase();
  const ours = await startReaderHeartbeat(broker.url, database.url);
  const connection = await connect(broker.url);
  try {
    /** @type {number[]} */
    let late = [];
    await deathsOf(connection, (at, { received_at }) => void late.push(at - (received_at + LEASE_MS)));
    yield `silent readers called dead, ${PER_SECOND.toLocaleString('en')} heartbeats a second of ${READERS.toLocaleString('en')} others`;
    for (let run = 0; run < RUNS; run++) {
      late = [];
      const order = {
        url: broker.url,
        seconds: SECONDS,
        readers: READERS,
        perSecond: PER_SECOND / BATCH,
        batch: BATCH,
        once: SILENT,
      };
      const before = Program.threadTimes(ours.pid).ran;
      const sender = new Program('beats-sender.mjs', order);
      const { messages } = /** @type {import('./beats-sender.mjs').Sent} */ (await sender.result);
      const cpu = (Program.threadTimes(ours.pid).ran - before) / SECONDS;
      await wait(2 * LEASE_MS);
      yield `  late by p50 ${ms(late, 0.5)} p99 ${ms(late, 0.99)} max ${ms(late, 1 - 1e-9)} ms of ${late.length}; ${Math.round((messages * BATCH) / SECONDS).toLocaleString('en')}/s sent; reader-heartbeat's main thread ran ${Math.round(100 * cpu)} %`;
    }
  } finally {
    await connection.close();
    await ours.stop();
    await broker.remove();
    await database.remove();
  }
}

/** @param {import('amqplib').ChannelModel} connection @param {(at: number, entry: { received_at: number }) => void} onDeath `at`: Unix ms */
async function deathsOf(connection, onDeath) {
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, 'signalbox.state', 'readers.#');
  await channel.consume(
    queue,
    (message) => {
      const at = performance.timeOrigin + performance.now();
      const { changes = [] } = JSON.parse(message?.content.toString() ?? '{}');
      for (const { key, value } of changes)
        if (value?.state === 'dead' && key.startsWith('reader/silent-')) onDeath(at, value);
    },
    { noAck: true },
  );
}
