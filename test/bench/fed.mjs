// @ts-check
// Loaded into a measured process before its own code (`--import`), with the stand-in for the broker: on a message of the benchmark it feeds
// heartbeats to the process and measures what they cost.
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beatOf, messageOf } from './beats.mjs';
import { beatsConsumer } from './broker-stand-in.mjs';

/**
 * `batch`: heartbeats of a message. `chunk`: messages of a read. `perSecond`: messages; undefined: as many as the consumer takes.
 * @typedef {{ readers: number, count: number, batch: number, chunk: number, perSecond?: number }} Feed `count`: of heartbeats
 */
/** @typedef {{ cpuUs: number, seconds: number }} Fed of the whole process, until everything is acknowledged that is to be */

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

/** Heartbeats that were made. */
let made = 0;

process.on('message', (/** @type {{ feed?: Feed, weigh?: true }} */ order) => {
  if (order.feed !== undefined) void feed(order.feed).then((fed) => process.send?.(fed));
  if (order.weigh !== undefined) process.send?.(weigh());
});

/** @returns {NodeJS.MemoryUsage} without what is garbage */
function weigh() {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage();
}

/** @param {Feed} order @returns {Promise<Fed>} */
async function feed({ readers, count, batch, chunk, perSecond }) {
  const consumer = await begun();
  const chunks = Array.from({ length: count / batch / chunk }, () =>
    consumer.encode(
      Array.from({ length: chunk }, () => messageOf(Array.from({ length: batch }, () => nextBeat(readers)))),
    ),
  );
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  for (const [index, each] of chunks.entries()) {
    const dueAt = perSecond === undefined ? 0 : startedAt + (index * chunk * 1_000) / perSecond;
    if (dueAt > performance.now()) await wait(dueAt - performance.now());
    while (!consumer.hasRoomFor(chunk)) await turn();
    consumer.deliver(each);
    // One read each.
    await turn();
  }
  while (!consumer.isAcknowledged) await wait(5);
  const { user, system } = process.cpuUsage(cpu);
  return { cpuUs: user + system, seconds: (performance.now() - startedAt) / 1_000 };
}

/** One reader after the other. @param {number} readers */
function nextBeat(readers) {
  const beat = beatOf(made % readers, { seq: 1 + Math.floor(made / readers) });
  made += 1;
  return beat;
}

async function begun() {
  for (;;) {
    const consumer = beatsConsumer();
    if (consumer !== undefined) return consumer;
    await wait(50);
  }
}
