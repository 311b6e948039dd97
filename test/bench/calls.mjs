// @ts-check
import { Agent, request } from 'node:http';

/**
 * Calls at a fixed rate, whether or not earlier calls were answered.
 * @param {{ port: number, path: string, key: string, perSecond: number, seconds: number, onFailed?: (error: Error) => void }} options
 * `onFailed`: instead of a rejection, where an answer is not 200
 * @returns {Promise<number[]>} ms from each call to its answer
 */
export async function call({ port, path, key, perSecond, seconds, onFailed }) {
  const agent = new Agent({ keepAlive: true });
  const startedAt = performance.now();
  const answers = Array.from({ length: seconds * perSecond }, async (_, index) => {
    const dueAt = startedAt + (index * 1_000) / perSecond;
    await new Promise((resolve) => setTimeout(resolve, dueAt - performance.now()));
    const sentAt = performance.now();
    const answered = get({ port, path, key, agent });
    await (onFailed === undefined ? answered : answered.catch(onFailed));
    return performance.now() - sentAt;
  });
  const times = await Promise.all(answers);
  agent.destroy();
  return times;
}

/** @param {{ port: number, path: string, key: string, agent: Agent }} options @returns {Promise<void>} */
function get({ port, path, key, agent }) {
  return new Promise((resolve, reject) => {
    const headers = { 'x-api-key': key };
    const sent = request({ host: '127.0.0.1', port, path, headers, agent }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`answered ${response.statusCode}`));
      response.resume().on('end', resolve);
    });
    // As clients do: the server may close an idle connection in the moment in which it is used again.
    sent.on('error', (error) => (sent.reusedSocket ? resolve(get({ port, path, key, agent })) : reject(error)));
    sent.end();
  });
}

/** @param {number[]} times @param {number} share */
export const at = (times, share) => times.toSorted((a, b) => a - b)[Math.floor(times.length * share)] ?? NaN;

/** @param {number[]} times @param {number} share */
export const ms = (times, share) => at(times, share).toFixed(2);
