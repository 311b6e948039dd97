// @ts-check
// Hosts of readers in a process of its own: each publishes the heartbeats of its readers in one message an interval, spread evenly over it.
import { setTimeout as wait } from 'node:timers/promises';
import { connect } from 'amqplib';

const TICK_MS = 50;
const RETRY_MS = 500;

/** @typedef {{ brokerUrl: string, hosts: number, readersOfHost: number, intervalSeconds: number, part: number }} Options */

process.once('message', (/** @type {Options} */ options) => void publishForEver(options));
process.once('disconnect', () => process.exit());

/** Connects again after each loss: a broker that is down gets no heartbeats meanwhile. @param {Options} options */
async function publishForEver(options) {
  const bodies = Array.from({ length: options.hosts }, (_, host) => bodyOf(options, host));
  for (;;) {
    try {
      await publishUntilLost(options, bodies);
    } catch {
      await wait(RETRY_MS);
    }
  }
}

/** @param {Options} options @param {((sentAt: number) => Buffer)[]} bodies */
async function publishUntilLost({ brokerUrl, intervalSeconds, part }, bodies) {
  const connection = await connect(brokerUrl);
  let isLost = false;
  connection.on('error', () => undefined);
  connection.on('close', () => (isLost = true));
  const channel = await connection.createChannel();
  channel.on('error', () => undefined);
  const perMs = bodies.length / (intervalSeconds * 1_000);
  const startedAt = performance.now();
  for (let sent = 0; !isLost; await wait(TICK_MS)) {
    for (const due = (performance.now() - startedAt) * perMs; sent < due && !isLost; sent++) {
      const host = sent % bodies.length;
      channel.publish('signalbox.heartbeats', `host-${part}-${host}`, bodies[host]?.(Date.now()) ?? Buffer.alloc(0), {
        contentType: 'application/json',
      });
    }
  }
  throw new Error('connection lost');
}

/** A heartbeat differs from the one before in `seq` and `sent_at`. @param {Options} options @param {number} host */
function bodyOf({ readersOfHost, intervalSeconds, part }, host) {
  const heads = Array.from({ length: readersOfHost }, (_, index) => {
    const readerId = `host-${part}-${host}/reader-${index}`;
    const beat = {
      reader_id: readerId,
      boot_id: `boot-${part}-${host}`,
      state: 'ready',
      consumer_name: readerId,
      consumer_groups: ['primary'],
      model_name: `llama-3-70b-${host % 20}`,
      model_type: 'chat',
      device: 'cuda',
      pids: [4_000 + index],
      heartbeat_wait_interval: intervalSeconds,
    };
    return JSON.stringify(beat).slice(0, -1);
  });
  let seq = 0;
  return (/** @type {number} */ sentAt) => {
    seq += 1;
    const tail = `,"seq":${seq},"sent_at":${sentAt}}`;
    return Buffer.from(`[${heads.map((head) => head + tail).join(',')}]`);
  };
}
