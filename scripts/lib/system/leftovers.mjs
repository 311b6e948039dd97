// @ts-check
import { stopContainers } from '../infrastructure/docker.mjs';
import { stopLeftoverServers } from '../infrastructure/leftover-servers.mjs';
import { graceMs, killUnrecorded } from '../processes/run-folder.mjs';

/**
 * Stops what a run that was itself killed could not. Only for who holds the lock of the home.
 * @param {string | undefined} runId the killed run's
 * @param {{ home: import('../base/home.mjs').Home, run: import('../processes/run-folder.mjs').RunFolder }} places
 * @returns {Promise<string[]>} whom it stopped
 */
export async function stopLeftovers(runId, { home, run }) {
  const recorded = run.running().map(({ name }) => name);
  await run.stop();
  const servers = await stopLeftoverServers(home, graceMs);
  await stopContainers(home);
  const others = runId ? killUnrecorded(runId) : 0;
  return [...recorded, ...servers, ...(others > 0 ? [`${others} more`] : [])];
}
