// @ts-check
// Publishes heartbeats to a broker, in a process of its own.
import { setTimeout as wait } from 'node:timers/promises';
import { connect } from 'amqplib';
import { beatOf, messageOf } from './beats.mjs';

/**
 * `perSecond`: messages; undefined: as many as the broker takes. `batch`: heartbeats of each. `once`: how many further readers have one heartbeat each,
 * at even intervals.
 * @typedef {{ url: string, seconds: number, readers: number, batch: number, perSecond?: number, once?: number }} Order
 */
/** @typedef {{ messages: number }} Sent */

const TICK_MS = 5;
const EXCHANGE = 'signalbox.heartbeats';
/** Of one go, where the broker sets the pace. */
const BURST = 50;

process.once('message', (/** @type {Order} */ order) => {
  void send(order).then((sent) => process.send?.(sent, () => process.exit()));
});

/** @param {Order} order @returns {Promise<Sent>} */
async function send({ url, seconds, readers, batch, perSecond, once = 0 }) {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  const publish = (/** @type {import('./amqp-frames.mjs').Content} */ { body, properties }) =>
    channel.publish(EXCHANGE, 'bench', body, properties);
  const messages = Array.from({ length: readers / batch }, (_, at) => messageOf(beatsFrom(at * batch, batch)));
  for (const message of messages) publish(message);
  const startedAt = performance.now();
  let sent = 0;
  let sentOnce = 0;
  for (let passed = 0; passed < seconds * 1_000; passed = performance.now() - startedAt) {
    const due = perSecond === undefined ? sent + BURST : (passed * perSecond) / 1_000;
    let hasRoom = true;
    for (; sent < due; sent++) hasRoom = publish(/** @type {any} */ (messages[sent % messages.length]));
    for (; sentOnce < (once * passed) / (seconds * 1_000); sentOnce++) publish(onlyOnce(sentOnce));
    if (!hasRoom) await new Promise((resolve) => channel.once('drain', resolve));
    else await wait(perSecond === undefined ? 0 : TICK_MS);
  }
  await channel.close();
  await connection.close();
  return { messages: sent };
}

/** Without a seq: each counts however often it is sent. @param {number} first @param {number} count */
const beatsFrom = (first, count) =>
  Array.from({ length: count }, (_, at) => ({ ...beatOf(first + at, { seq: 0 }), seq: null }));

/** @param {number} at */
const onlyOnce = (at) => messageOf([{ ...beatOf(at, { seq: 0, interval: 1 }), reader_id: `silent-${at}`, seq: null }]);
