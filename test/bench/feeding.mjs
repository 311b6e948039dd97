// @ts-check
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { watchedBy } from './programs.mjs';
import { startReaderHeartbeat } from './reader-heartbeat.mjs';

/** See `broker-stand-in.mjs`, which takes the place of the connection in the processes into which it is loaded. */
const STAND_IN = 'amqp://127.0.0.1:1';

const fedBy = ['--import', new URL('fed.mjs', import.meta.url).href];

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */
/** @typedef {import('./fed.mjs').Feed} Feed */
/** @typedef {import('./fed.mjs').Fed} Fed */

/** reader-heartbeat with a stand-in for its broker. @param {string} databaseUrl */
export const startFed = (databaseUrl) => startReaderHeartbeat(STAND_IN, databaseUrl, [...watchedBy, ...fedBy]);

/** A consumer that only has amqplib, with the same stand-in. */
export async function startFedRaw() {
  const child = fork(fileURLToPath(new URL('raw-consumer.mjs', import.meta.url)), [STAND_IN, 'raw.beats'], {
    execArgv: [...watchedBy, ...fedBy],
  });
  await new Promise((resolve) => child.once('message', resolve));
  return { child };
}

/** @param {ChildProcess} child @param {Feed} feed @returns {Promise<Fed>} */
export const fed = (child, feed) => order(child, { feed });

/** @param {ChildProcess} child @returns {Promise<NodeJS.MemoryUsage>} */
export const weighed = (child) => order(child, { weigh: true });

/** @param {ChildProcess} child @param {object} message @returns {Promise<any>} */
function order(child, message) {
  return new Promise((resolve) => {
    child.once('message', resolve);
    child.send(message);
  });
}
