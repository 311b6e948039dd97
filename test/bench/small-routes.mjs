// @ts-check
import { publishBeats } from './beats.mjs';
import { besidePlain } from './http.mjs';
import { registryEnv } from './registry-config.mjs';
import { isComplete } from './registry-status.mjs';
import { readersAreShown } from './status-body.mjs';
import { startSystem } from './system.mjs';

const READERS = 2;

/** About 2 KB. */
const REGISTRY = { projects: 2, packages: 3 };

/** The status routes with small bodies, each with its key check. */
export async function* smallRoutes() {
  const system = await startSystem();
  try {
    // Requests below /v1 are counted against limits, which no benchmark may reach.
    await system.send('PUT', '/v1/tiers/operators', { requests_per_hour: 1_000_000_000, burst_per_second: 1_000_000 });
    await system.start('reader-heartbeat');
    await system.start('registry', registryEnv(system.home, REGISTRY));
    await publishBeats(system.brokerUrl, READERS);
    await readersAreShown(system, READERS);
    await isComplete(system, REGISTRY.projects);
    for (const path of ['/v1/status', '/status', '/api/v0/status', '/api/status'])
      yield* besidePlain({ title: `GET ${path}`, path, ...system });
  } finally {
    await system.close();
  }
}
