import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@signalbox/testing';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Registry } from '../support/registry.js';
import type { System } from '../support/system.js';

/** `BOOTS=50 npx vitest run --project system registry-lifecycle` boots more often. */
const BOOTS = Number(process.env['BOOTS'] ?? 6);
const PROJECTS = 5;
const PACKAGES = 8;

const schema = JSON.parse(
  readFileSync(new URL('../contracts/registry-status.schema.json', import.meta.url), 'utf8'),
) as object;

describe('the lifecycle of the registry', () => {
  let system: System;
  let registry: Registry;

  beforeEach(async () => {
    registry = await Registry.withGateway();
    ({ system } = registry);
  });
  afterEach(() => registry.close());

  const names = Array.from({ length: PACKAGES }, (_, index) => `package-${index}`);
  const config = {
    projects: Array.from({ length: PROJECTS }, (_, index) => ({
      name: `project-${index}`,
      packages: names.map((name) => ({ name, location: `./${name}` })),
      connections: [{ name: 'd', type: 'duckdb' }],
    })),
  };
  const write = (method: string, path: string, body?: unknown) =>
    system.send(method, `/api/v0${path}`, body).then(({ status }) => status);

  it(
    'never says that it serves before all is listed, and loses nothing over restarts',
    async () => {
      for (const name of names) registry.makePackage(name);
      const validate = new Ajv2020({ strict: false }).compile(schema);
      const wrong: string[] = [];
      const seen = new Set<string>();
      let isPolling = true;
      const poll = async (): Promise<void> => {
        for (; isPolling; await sleep(10)) {
          const status = await registry.status();
          seen.add(`${status.operationalState}${status.stale ? ' stale' : ''}`);
          const listed = status.projects.reduce(
            (sum, project) => sum + project.packages.length + project.connections.length,
            0,
          );
          if (!validate(status)) wrong.push(JSON.stringify(validate.errors));
          if (status.operationalState === 'serving' && listed !== PROJECTS * (PACKAGES + 1))
            wrong.push(`serving with ${listed}`);
          if (status.operationalState === 'serving' && (!status.initialized || status.stale))
            wrong.push(`serving, but ${JSON.stringify({ ...status, projects: [] })}`);
        }
      };
      const polling = poll();
      for (let boot = 0; boot < BOOTS; boot++) {
        // The first time, and some later times, from the file; otherwise from the database.
        await registry.start({ config, env: { SIGNALBOX_INITIALIZE: String(boot % 5 === 4) } });
        await registry.serving();
        if (boot % 2 === 0) await system.kill('registry');
        else await system.service('registry').stop();
        // The last change may still be under way; the state that is read here must be that of the next incarnation.
      }
      isPolling = false;
      await polling;
      expect(wrong).toEqual([]);
      expect([[...seen].some((state) => state.startsWith('initializing')), seen.has('serving')]).toEqual([true, true]);
    },
    60_000 + BOOTS * 10_000,
  );

  it('is reported as unavailable while it is down, and its last known state is shown', async () => {
    registry.makePackage('package-0');
    await registry.start({
      config: { projects: [{ name: 'p', packages: [{ name: 'package-0', location: './package-0' }] }] },
    });
    await registry.serving();
    expect((await system.get('/health/readiness', {})).status).toBe(200);
    await system.kill('registry');
    const stale = await eventually(async () => {
      const status = await registry.status();
      return status.stale ? status : undefined;
    });
    expect(stale).toMatchObject({
      initialized: false,
      operationalState: 'initializing',
      stale: true,
      projects: [{ name: 'p', packages: [{ name: 'package-0' }] }],
    });
    expect(await write('POST', '/projects', { name: 'x' })).toBe(503);
    expect((await system.get('/api/v0/projects/p')).status).toBe(200);
    expect((await system.get('/health/readiness', {})).status).toBe(503);
    expect((await system.get('/health/liveness', {})).status).toBe(200);
    // A package whose source was removed meanwhile is reported, and loaded again with its source.
    rmSync(`${registry.folder}/package-0`, { recursive: true });
    await registry.start();
    expect(await registry.serving()).toMatchObject({
      projects: [{ packages: [] }],
      loadErrors: [{ project: 'p', package: 'package-0' }],
    });
    await system.service('registry').stop();
    registry.makePackage('package-0');
    await registry.start();
    const healthy = await registry.serving();
    expect(healthy.projects).toMatchObject([{ packages: [{ name: 'package-0' }] }]);
    expect(healthy).not.toHaveProperty('loadErrors');
    expect(healthy).not.toHaveProperty('stale');
  });

  it('refuses writes while it loads, however long, and can be stopped while it loads', async () => {
    const silent = createServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const location = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/r`;
    const service = await registry.start({
      config: { projects: [{ name: 'p', packages: [{ name: 'slow', location }] }, { name: 'q' }] },
      env: { SIGNALBOX_ALLOW_LOOPBACK_TARGETS: 'true' },
    });
    await eventually(async () => {
      const { operationalState, initialized, stale } = await registry.status();
      return operationalState === 'initializing' && !initialized && !stale;
    });
    const refused = await system.send('POST', '/api/v0/projects', { name: 'x' });
    expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toEqual([
      503,
      '1',
      { code: 503, message: expect.stringContaining('still loading') as unknown },
    ]);
    await service.stop();
    expect(await service.ended).toBe(0);
    silent.close();
  });
});
