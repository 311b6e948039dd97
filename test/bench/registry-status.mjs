// @ts-check
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { testBroker, testDatabase } from '@signalbox/testing';
import { besidePlain, service } from './http.mjs';

const PROJECTS = 500;
const PACKAGES = 20;
const REQUESTS = 400;

/** `GET /api/v0/status` of a large registry: how soon it is complete after a start, and how fast it is answered. */
export async function* registryStatus() {
  const home = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  const broker = await testBroker();
  const database = await testDatabase();
  const common = {
    PATH: process.env.PATH,
    RABBITMQ_URL: broker.url,
    DATABASE_URL: database.url,
    LOG_LEVEL: 'warn',
    SIGNALBOX_MANAGEMENT_PORT: '0',
  };
  const registryEnv = {
    ...common,
    SIGNALBOX_SECRET_KEYS: randomBytes(32).toString('base64'),
    SIGNALBOX_REGISTRY_DATA: join(home, 'data'),
    SIGNALBOX_CONFIG_FILE: makeConfig(home),
  };
  const keyFile = join(home, 'admin.key');
  const gateway = await service('gateway', { ...common, PORT: '0', SIGNALBOX_ADMIN_KEY_FILE: keyFile });
  let registry = await service('registry', registryEnv);
  try {
    const headers = { 'x-api-key': readFileSync(keyFile, 'utf8').trim() };
    await complete(gateway.port, headers);
    await registry.stop();
    await wait(1_000);
    const startedAt = performance.now();
    registry = await service('registry', registryEnv);
    const bytes = await complete(gateway.port, headers);
    const seconds = (performance.now() - startedAt) / 1_000;
    yield* besidePlain({
      title: `GET /api/v0/status, ${PROJECTS} projects of ${PACKAGES} packages`,
      port: gateway.port,
      path: '/api/v0/status',
      headers,
      bytes,
      requests: REQUESTS,
    });
    const memory = `memory of the registry ${memoryOf(registry.pid)} MiB, of the gateway ${memoryOf(gateway.pid)} MiB`;
    yield `  complete ${seconds.toFixed(1)} s after the start of the registry's process; ${memory}`;
  } finally {
    for (const each of [gateway, registry]) await each.stop();
    await broker.remove();
    await database.remove();
    rmSync(home, { recursive: true, force: true });
  }
}

/** @param {string} home */
function makeConfig(home) {
  const projects = Array.from({ length: PROJECTS }, (_, project) => ({
    name: `project-${project}`,
    connections: [
      { name: 'db', type: 'postgres', postgresConnection: { host: 'db', port: 5432, userName: 'u', password: 'p' } },
    ],
    packages: Array.from({ length: PACKAGES }, (__, index) => ({
      name: `package-${index}`,
      location: `./packages/${project}/${index}`,
    })),
  }));
  for (const [project, { packages }] of projects.entries()) {
    for (const [index, { name, location }] of packages.entries()) {
      mkdirSync(join(home, location), { recursive: true });
      writeFileSync(
        join(home, location, 'publisher.json'),
        JSON.stringify({ name, description: `package ${index} of project ${project}` }),
      );
    }
  }
  const file = join(home, 'signalbox.config.json');
  writeFileSync(file, JSON.stringify({ projects }));
  return file;
}

/** @param {number} port @param {Record<string, string>} headers @returns {Promise<Buffer>} the body once it serves all of it */
async function complete(port, headers) {
  for (;;) {
    const text = await (await fetch(`http://127.0.0.1:${port}/api/v0/status`, { headers })).text();
    const { operationalState, stale, projects } = JSON.parse(text);
    if (operationalState === 'serving' && !stale && projects.length === PROJECTS) return Buffer.from(text);
    await wait(20);
  }
}

/** @param {number} pid @returns {number} MiB that are resident */
const memoryOf = (pid) =>
  Math.round((Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4_096) / 1_048_576);
