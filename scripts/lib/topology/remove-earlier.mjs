// @ts-check
import { earlierBindings, earlierQueues } from '@signalbox/contracts/messages';
import { connectToBroker } from '@signalbox/messaging';

/** @typedef {import('amqplib').ChannelModel} ChannelModel */

/**
 * Removes the queues of earlier releases. Those of dead letters get no more, and stay while letters wait in them; those that a process of an
 * earlier release still consumes stay too. May be run again at any time.
 * @param {string} url of a user that may delete them
 * @returns {Promise<string[]>} what was done, a line each; empty where there was nothing to do
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

/** @param {ChannelModel} connection */
async function removeQueues(connection) {
  const lines = [];
  for (const queue of earlierQueues.disposable) {
    if ((await countIn(connection, queue)) === undefined) continue;
    const isGone = await attempt(connection, (channel) => channel.deleteQueue(queue, { ifUnused: true }));
    lines.push(isGone ? `${queue}: deleted` : `${queue}: not deleted, a service of an earlier release consumes it`);
  }
  for (const { name } of earlierQueues.deadLetters) {
    if ((await countIn(connection, name)) === undefined) continue;
    for (const { exchange, queue, key } of earlierBindings())
      if (queue === name) await attempt(connection, (channel) => channel.unbindQueue(queue, exchange, key));
    lines.push(
      (await removeIfEmpty(connection, name))
        ? `${name}: deleted`
        : `${name}: gets no more dead letters. ${await countIn(connection, name)} wait in it: npm run dead-letters. It is deleted with the last one`,
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
