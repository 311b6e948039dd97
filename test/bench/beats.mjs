// @ts-check
import { connect } from 'amqplib';

/** @param {number} index */
export const idOf = (index) => `reader-${String(index).padStart(6, '0')}`;

/** A heartbeat as the clients of this repository publish it. @param {number} index of the reader @param {{ seq: number, interval?: number }} options `interval`: seconds */
export const beatOf = (index, { seq, interval = 60 }) => ({
  reader_id: idOf(index),
  consumer_name: idOf(index),
  consumer_groups: ['primary'],
  model_name: 'llama-3-70b',
  model_type: 'chat',
  device: 'cuda',
  pids: [10_000 + index],
  heartbeat_wait_interval: interval,
  state: 'ready',
  boot_id: `5f0c2d7e-3b1a-4c6d-8e9f-${String(index).padStart(12, '0')}`,
  seq,
  sent_at: Date.now(),
});

/** A message with one heartbeat, or with an array of them. @param {readonly object[]} beats @returns {import('./amqp-frames.mjs').Content} */
export const messageOf = (beats) => ({
  properties: { contentType: 'application/json' },
  body: Buffer.from(JSON.stringify(beats.length === 1 ? beats[0] : beats)),
});

/** Publishes one heartbeat of each of so many readers. They stay live for hours. @param {string} brokerUrl @param {number} readers */
export async function publishBeats(brokerUrl, readers) {
  const connection = await connect(brokerUrl);
  const channel = await connection.createConfirmChannel();
  const beats = Array.from({ length: readers }, (_, index) => beatOf(index, { seq: 1, interval: 3_600 }));
  const { properties, body } = messageOf(beats);
  channel.publish('signalbox.heartbeats', 'bench', body, properties);
  await channel.waitForConfirms();
  await connection.close();
}
