// @ts-check
import { setTimeout as wait } from 'node:timers/promises';
import { connect } from 'amqplib';
import { beatOf, idOf, messageOf } from './beats.mjs';
import { ms } from './calls.mjs';
import { whenDeadReaders } from './dead-readers.mjs';
import { knowsReaders, startFeeder } from './reader-feeding.mjs';
import { startSystem } from './system.mjs';
import { prefer } from './wrk.mjs';

const SIZES = [10_000, 100_000];
const CHANGES = 200;
const SETTLED_MS = 15_000;

/** @typedef {Awaited<ReturnType<typeof startSystem>>} System */

/** How long after the broker has confirmed a heartbeat `GET /status` shows the state that it causes, beside many readers that publish every 10 s. */
export async function* readerChanges() {
  for (const readers of SIZES) {
    const system = await startSystem();
    /** @type {ReturnType<typeof startFeeder> | undefined} */
    let feeder;
    try {
      const owner = await system.start('reader-heartbeat', { SIGNALBOX_MAX_READERS: String(readers + CHANGES) });
      for (const { pid } of [owner, system.gateway]) prefer(pid);
      feeder = startFeeder(system.brokerUrl, readers);
      await knowsReaders(system.gateway, readers);
      const seen = await revivalsSeen(system, readers);
      yield `${readers.toLocaleString('en')} readers: a heartbeat of a dead one, from its confirmation by the broker until GET /status shows it as live: p50 ${ms(seen, 0.5)} p99 ${ms(seen, 0.99)} max ${Math.max(...seen)} ms of ${seen.length}`;
    } finally {
      feeder?.stop();
      await system.close();
    }
  }
}

/** @param {System} system @param {number} from number of the first reader without other heartbeats */
async function revivalsSeen(system, from) {
  const connection = await connect(system.brokerUrl);
  try {
    return await seenOf(system, connection, from);
  } finally {
    await connection.close();
  }
}

/** @param {System} system @param {import('amqplib').ChannelModel} connection @param {number} from */
async function seenOf(system, connection, from) {
  const channel = await connection.createConfirmChannel();
  const publish = async (/** @type {object[]} */ beats) => {
    const { properties, body } = messageOf(beats);
    channel.publish('signalbox.heartbeats', 'bench', body, properties);
    await channel.waitForConfirms();
  };
  const numbers = Array.from({ length: CHANGES }, (_, index) => from + index);
  await publish(numbers.map((number) => beatOf(number, { seq: 1, interval: 1 })));
  await whenDeadReaders(system, (dead) => numbers.every((number) => dead.includes(quoted(number))));
  await wait(SETTLED_MS);
  /** @type {number[]} */
  const seen = [];
  for (const number of numbers) {
    await wait(Math.random() * 300);
    await publish([beatOf(number, { seq: 2, interval: 3_600 })]);
    const confirmedAt = Date.now();
    seen.push((await whenDeadReaders(system, (dead) => !dead.includes(quoted(number)))) - confirmedAt);
  }
  return seen;
}

/** @param {number} number */
const quoted = (number) => `"${idOf(number)}"`;
