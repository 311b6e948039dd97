// @ts-check
import { setTimeout as wait } from 'node:timers/promises';
import { besidePlain } from './http.mjs';
import { memoryOf } from '../support/processes.mjs';
import { registryEnv } from './registry-config.mjs';
import { startSystem } from './system.mjs';

const SIZE = { projects: 500, packages: 20 };

/** `GET /api/v0/status` of a large registry: how soon it is complete after a start, and how fast it is answered. */
export async function* registryStatus() {
  const system = await startSystem();
  try {
    const env = registryEnv(system.home, SIZE);
    await system.start('registry', env).then(async (first) => {
      await isComplete(system, SIZE.projects);
      await system.stop(first);
    });
    await wait(1_000);
    const startedAt = performance.now();
    const registry = await system.start('registry', env);
    await isComplete(system, SIZE.projects);
    const seconds = (performance.now() - startedAt) / 1_000;
    const title = `GET /api/v0/status, ${SIZE.projects} projects of ${SIZE.packages} packages`;
    yield* besidePlain({ title, path: '/api/v0/status', ...system });
    const memory = `memory of the registry ${memoryOf(registry.pid)} MiB, of the gateway ${memoryOf(system.gateway.pid)} MiB`;
    yield `  complete ${seconds.toFixed(1)} s after the start of the registry's process; ${memory}`;
  } finally {
    await system.close();
  }
}

/** @param {Awaited<ReturnType<typeof startSystem>>} system @param {number} count Waits until all projects are shown. */
export async function isComplete({ get }, count) {
  for (;;) {
    const { operationalState, stale, projects } = await get('/api/v0/status');
    if (operationalState === 'serving' && !stale && projects.length === count) return;
    await wait(20);
  }
}
