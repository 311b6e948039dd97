// @ts-check
// Publishes the heartbeats of many readers, in batches spread evenly over their interval, until it is stopped. While the broker is down it gets none.
import { setTimeout as wait } from 'node:timers/promises';
import { connect } from 'amqplib';
import { beatOf, messageOf } from './beats.mjs';

/** @typedef {{ brokerUrl: string, from: number, readers: number, perMessage: number, intervalSeconds: number, firstSeconds: number }} Options */

const TURN_MS = 50;
const RETRY_MS = 500;

process.once('message', (/** @type {Options} */ options) => feed(options));
// Also where the benchmark ends without stopping it.
process.once('disconnect', () => process.exit());

/** @param {Options} options */
function feed({ brokerUrl, from, readers, perMessage, intervalSeconds, firstSeconds }) {
  /** @type {import('amqplib').Channel | undefined} */
  let channel;
  const startedAt = performance.now();
  const messages = Math.ceil(readers / perMessage);
  const publish = (/** @type {number} */ turn) => {
    const first = (turn % messages) * perMessage;
    const seq = Math.floor(turn / messages);
    const beats = Array.from({ length: Math.min(perMessage, readers - first) }, (_, offset) =>
      beatOf(from + first + offset, { seq, interval: intervalSeconds }),
    );
    const { properties, body } = messageOf(beats);
    channel?.publish('signalbox.heartbeats', `bench-${from + first}`, body, properties);
  };
  let sent = 0;
  setInterval(() => {
    const seconds = (performance.now() - startedAt) / 1_000;
    const first = Math.min(firstSeconds, intervalSeconds);
    const due = messages * (seconds < first ? seconds / first : 1 + (seconds - first) / intervalSeconds);
    for (; sent < due; sent += 1) publish(sent);
  }, TURN_MS);
  void keepConnected(brokerUrl, (open) => (channel = open));
}

/** @param {string} brokerUrl @param {(channel: import('amqplib').Channel | undefined) => void} use gets undefined after a loss */
async function keepConnected(brokerUrl, use) {
  for (;;) {
    try {
      const connection = await connect(brokerUrl);
      connection.on('error', () => undefined);
      const closed = new Promise((resolve) => connection.once('close', resolve));
      use(await connection.createChannel());
      await closed;
    } catch {
      // The broker is down: again after a while.
    }
    use(undefined);
    await wait(RETRY_MS);
  }
}
