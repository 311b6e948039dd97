// @ts-check
import { earlierBindings, earlierQueues } from '@signalbox/contracts/messages';
import { connectToBroker } from '@signalbox/messaging';

/** @typedef {import('amqplib').ChannelModel} ChannelModel */

/**
 * Removes the queues of earlier releases. Those of dead letters get no more, and stay while letters wait in them; those that a process of an
 * earlier release still consumes stay too. May be run again at any time.
 * @param {string} url of a user that may delete them
 * @returns {Promise<string[]>} what is left, a line each
 */
export async function removeEarlier(url) {
  const connection = await connectToBroker(url);
  connection.on('error', () => {});
  try {
    return await removeQueues(connection);
  } finally {
    await connection.close();
  }
}

/**
 * Deletes at once, without a look at what is there: for a queue that is not there the broker would log an error, at each start.
 * @param {ChannelModel} connection
 */
async function removeQueues(connection) {
  const lines = [];
  for (const queue of earlierQueues.disposable) {
    const isGone = await attempt(connection, (channel) => channel.deleteQueue(queue, { ifUnused: true }));
    if (!isGone) lines.push(`${queue}: not deleted, a service of an earlier release consumes it`);
  }
  for (const { name } of earlierQueues.deadLetters) {
    if (await removeIfEmpty(connection, name)) continue;
    for (const { exchange, queue, key } of earlierBindings())
      if (queue === name) await attempt(connection, (channel) => channel.unbindQueue(queue, exchange, key));
    const count = await countIn(connection, name);
    lines.push(
      `${name}: gets no more dead letters. ${count} wait in it: npm run dead-letters. It is deleted with the last one`,
    );
  }
  return lines;
}

/** The earlier queues of dead letters that are still there. @param {ChannelModel} connection @returns {Promise<string[]>} */
export async function earlierDeadLetterQueues(connection) {
  const found = [];
  for (const { name } of earlierQueues.deadLetters)
    if ((await countIn(connection, name)) !== undefined) found.push(name);
  return found;
}

/** @param {ChannelModel} connection @param {string} queue @returns {Promise<boolean>} whether it is gone */
export const removeIfEmpty = (connection, queue) =>
  attempt(connection, (channel) => channel.deleteQueue(queue, { ifEmpty: true, ifUnused: true }));

/** @param {ChannelModel} connection @param {string} queue @returns {Promise<number | undefined>} undefined: there is none */
async function countIn(connection, queue) {
  let count;
  await attempt(connection, async (channel) => {
    count = (await channel.checkQueue(queue)).messageCount;
  });
  return count;
}

/**
 * The broker closes the channel on which it refuses something.
 * @param {ChannelModel} connection
 * @param {(channel: import('amqplib').Channel) => Promise<unknown>} work
 * @returns {Promise<boolean>} false where the broker refused it because the queue is not there, is used or is not empty
 */
async function attempt(connection, work) {
  const channel = await connection.createChannel();
  channel.on('error', () => {});
  try {
    await work(channel);
    await channel.close();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 404 || error.code === 406)) return false;
    throw error;
  }
}
