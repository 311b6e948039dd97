// @ts-check
// Publishes the heartbeats of many readers, in batches spread evenly over their interval, until it is stopped; the first of each within ten seconds.
import { connect } from 'amqplib';
import { beatOf, messageOf } from './beats.mjs';

/** @typedef {{ brokerUrl: string, readers: number, perMessage: number, intervalSeconds: number }} Options */

const TURN_MS = 50;
const FIRST_SECONDS = 10;

process.once('message', (/** @type {Options} */ options) => void feed(options));
// Also where the benchmark ends without stopping it.
process.once('disconnect', () => process.exit());

/** @param {Options} options */
async function feed({ brokerUrl, readers, perMessage, intervalSeconds }) {
  const connection = await connect(brokerUrl);
  const channel = await connection.createChannel();
  const messages = Math.ceil(readers / perMessage);
  const publish = (/** @type {number} */ turn) => {
    const from = (turn % messages) * perMessage;
    const seq = Math.floor(turn / messages);
    const beats = Array.from({ length: Math.min(perMessage, readers - from) }, (_, offset) =>
      beatOf(from + offset, { seq, interval: intervalSeconds }),
    );
    const { properties, body } = messageOf(beats);
    channel.publish('signalbox.heartbeats', `bench-${from}`, body, properties);
  };
  const startedAt = performance.now();
  let sent = 0;
  setInterval(() => {
    const seconds = (performance.now() - startedAt) / 1_000;
    const first = Math.min(FIRST_SECONDS, intervalSeconds);
    const due = messages * (seconds < first ? seconds / first : 1 + (seconds - first) / intervalSeconds);
    for (; sent < due; sent += 1) publish(sent);
  }, TURN_MS);
}
