// @ts-check
import { connect } from 'amqplib';

/** @param {number} index of the reader @param {number} intervalSeconds */
export const heartbeatOf = (index, intervalSeconds) => ({
  reader_id: `reader-${index}`,
  state: 'ready',
  consumer_name: `reader-${index}`,
  consumer_groups: ['primary'],
  model_name: 'llama-3-70b',
  model_type: 'chat',
  device: 'cuda',
  pids: [index],
  heartbeat_wait_interval: intervalSeconds,
});

/** Publishes one heartbeat of each of so many readers. They stay live for hours. @param {string} brokerUrl @param {number} readers */
export async function publishBeats(brokerUrl, readers) {
  const connection = await connect(brokerUrl);
  const channel = await connection.createConfirmChannel();
  const beats = Array.from({ length: readers }, (_, index) => heartbeatOf(index, 3_600));
  channel.publish('signalbox.heartbeats', 'bench', Buffer.from(JSON.stringify(beats)), {
    contentType: 'application/json',
  });
  await channel.waitForConfirms();
  await connection.close();
}
