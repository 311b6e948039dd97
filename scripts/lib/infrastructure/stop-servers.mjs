// @ts-check
import { join } from 'node:path';

/** Whom to stop, in order, and with which signal each of them ends in order. */
const servers = /** @type {const} */ ([
  ['rabbitmq', 'SIGTERM'],
  ['postgres', 'SIGINT'],
]);

/**
 * Stops the servers that run from a home.
 * @param {string} home
 * @param {number} graceMs
 * @returns {Promise<string[]>} whom it stopped
 */
export async function stopServersIn(home, graceMs) {
  const { findRunningServer, stopProcess } = await import('@signalbox/local-infra');
  const stopped = [];
  for (const [name, signal] of servers) {
    const running = findRunningServer(join(home, name));
    if (!running) continue;
    await stopProcess(running, { signal, graceMs });
    stopped.push(name);
  }
  return stopped;
}
