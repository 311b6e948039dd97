// @ts-check
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { testBroker, testDatabase } from '@signalbox/testing';
import { connect } from 'amqplib';
import { startReaderHeartbeat } from './reader-heartbeat.mjs';
import { median } from './measure.mjs';
import { Program } from './programs.mjs';

const ROUNDS = 3;
const SECONDS = 5;
const READERS = 10_000;
const PER_SECOND = 5_000;
const RAW_QUEUE = 'raw.beats';
const RECEIVED = /^signalbox_heartbeats_received_total(?:\{.*\})? (\S+)/m;

/**
 * The same comparison on a broker: reader-heartbeat and a consumer that only has amqplib get the same flow, at the same time. Then how many
 * heartbeats a second reader-heartbeat takes, one in a message and a hundred, alone.
 */
export async function* heartbeatsBroker() {
  const broker = await testBroker();
  const database = await testDatabase();
  const connection = await connect(broker.url);
  const ours = await startReaderHeartbeat(broker.url, database.url);
  const channel = await connection.createChannel();
  await channel.assertQueue(RAW_QUEUE, { durable: true, autoDelete: true });
  await channel.bindQueue(RAW_QUEUE, 'signalbox.heartbeats', '#');
  const raw = fork(fileURLToPath(new URL('raw-consumer.mjs', import.meta.url)), [broker.url, RAW_QUEUE]);
  await new Promise((resolve) => raw.once('message', resolve));
  const sent = async (/** @type {object} */ order) => {
    const sender = new Program('beats-sender.mjs', { url: broker.url, seconds: SECONDS, readers: READERS, ...order });
    return /** @type {import('./beats-sender.mjs').Sent} */ (await sender.result).messages;
  };
  const received = async () => {
    const metrics = await fetch(`http://127.0.0.1:${ours.managementPort}/metrics`);
    return Number(RECEIVED.exec(await metrics.text())?.[1]);
  };
  try {
    await sent({ batch: 100, perSecond: 100 });
    const pids = [raw.pid ?? 0, ours.pid];
    /** @type {number[][]} */
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) {
      const before = pids.map((pid) => Program.ran(pid));
      const messages = await sent({ batch: 1, perSecond: PER_SECOND });
      rounds.push(pids.map((pid, at) => ((Program.ran(pid) - (before[at] ?? NaN)) * 1e6) / (messages + READERS)));
    }
    const [rawUs, oursUs] = [0, 1].map((at) => median(rounds.map((costs) => costs[at] ?? NaN)));
    const ratio = median(rounds.map(([reference = NaN, cost = NaN]) => cost / reference));
    yield `heartbeats from a broker, ${PER_SECOND.toLocaleString('en')}/s`;
    yield `  amqplib ${rawUs?.toFixed(1)} µs CPU; reader-heartbeat ${oursUs?.toFixed(1)} µs, ${ratio.toFixed(2)} ×`;
    raw.kill();
    const rates = [];
    for (const batch of [1, 100]) {
      const [before, cpuBefore] = [await received(), Program.ran(ours.pid)];
      await sent({ batch });
      const [count, cpu] = [(await received()) - before, Program.ran(ours.pid) - cpuBefore];
      rates.push(count / SECONDS);
      yield `  as many as it takes, ${batch} in a message: ${Math.round(count / SECONDS).toLocaleString('en')}/s, ${((cpu * 1e6) / count).toFixed(1)} µs CPU`;
    }
    yield `  batches take in ${((rates[1] ?? NaN) / (rates[0] ?? NaN)).toFixed(1)} × as many heartbeats a second`;
  } finally {
    raw.kill();
    await connection.close();
    await ours.stop();
    await broker.remove();
    await database.remove();
  }
}
