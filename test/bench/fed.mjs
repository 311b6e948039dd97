// @ts-check
// Loaded into a measured process before its own code (`--import`), with the stand-in for the broker: on a message of the benchmark it feeds
// heartbeats to the process and measures what they cost.
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beatOf, messageOf } from './beats.mjs';
import { beatsConsumer } from './broker-stand-in.mjs';

/**
 * `batch`: heartbeats of a message. `chunk`: messages of a read. `perSecond`: messages; undefined: as many as the consumer takes. `isRepeated`: one
 * heartbeat of each reader, made once and delivered again and again.
 * @typedef {{ readers: number, count: number, batch: number, chunk: number, perSecond?: number, isRepeated?: boolean }} Feed `count`: of heartbeats
 */
/** @typedef {{ cpuUs: number, seconds: number }} Fed of the whole process, until everything is acknowledged that is to be */

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

/** Heartbeats that were made. */
let made = 0;

/**
 * Deliveries that are repeated. To make them before each round leaves garbage, which then is collected while the consumer is measured, and costs a
 * process with a larger heap more. @type {Map<string, import('./broker-stand-in.mjs').Chunk[]>}
 */
const repeated = new Map();

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
async function feed(order) {
  const { count, batch, chunk, perSecond } = order;
  const consumer = await begun();
  const chunks = chunksOf(order, consumer);
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  for (let index = 0; index < count / batch / chunk; index += 1) {
    const dueAt = perSecond === undefined ? 0 : startedAt + (index * chunk * 1_000) / perSecond;
    if (dueAt > performance.now()) await wait(dueAt - performance.now());
    while (!consumer.hasRoomFor(chunk)) await turn();
    consumer.deliver(/** @type {import('./broker-stand-in.mjs').Chunk} */ (chunks[index % chunks.length]));
    // One read each.
    await turn();
  }
  while (!consumer.isAcknowledged) await wait(5);
  const { user, system } = process.cpuUsage(cpu);
  return { cpuUs: user + system, seconds: (performance.now() - startedAt) / 1_000 };
}

/** @typedef {NonNullable<ReturnType<typeof beatsConsumer>>} Consumer */

/** @param {Feed} order @param {Consumer} consumer */
function chunksOf({ readers, count, batch, chunk, isRepeated = false }, consumer) {
  if (!isRepeated) return encoded(consumer, { count, batch, chunk }, () => nextBeat(readers));
  const key = `${readers} ${batch} ${chunk}`;
  let chunks = repeated.get(key);
  // Without a seq: each counts however often it is delivered.
  let at = 0;
  chunks ??= encoded(consumer, { count: readers, batch, chunk }, () => ({ ...beatOf(at++, { seq: 0 }), seq: null }));
  repeated.set(key, chunks);
  return chunks;
}

/** @param {Consumer} consumer @param {{ count: number, batch: number, chunk: number }} size @param {() => object} next */
const encoded = (consumer, { count, batch, chunk }, next) =>
  Array.from({ length: count / batch / chunk }, () =>
    consumer.encode(Array.from({ length: chunk }, () => messageOf(Array.from({ length: batch }, next)))),
  );

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
