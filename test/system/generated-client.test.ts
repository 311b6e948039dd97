import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import openapiTS, { astToString } from 'openapi-typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '@signalbox/testing';
import { Dataplane } from '../support/dataplane.js';
import { Registry, type RegistryInProcess } from '../support/registry.js';
import { checkout } from '../support/script-run.js';

/** What `test/support/generated-client/client.mts` exports: it has its types only when those of the API are generated. */
interface Client {
  projects(): Promise<string[]>;
  createConnection(project: string, connection: string, port: number): Promise<object>;
  testConnection(project: string, connection: string): Promise<string>;
  restart(name: string): Promise<object>;
}

const tsc = join(checkout, 'node_modules/typescript/bin/tsc');

/** From the document of a running system to calls of it, as its users do who have nothing else. */
describe('a client that is generated from /openapi.json', () => {
  let registry: RegistryInProcess;
  let dataplane: Dataplane;
  let folder: string;
  let client: Client;

  beforeAll(async () => {
    registry = await Registry.withGatewayInProcess();
    const { system } = registry;
    await Promise.all([
      registry.start({ config: { projects: [{ name: 'shop' }] }, env: { SIGNALBOX_ALLOW_LOOPBACK_TARGETS: 'true' } }),
      system.start('dataplane-control', { SIGNALBOX_RESTART_DRAIN_SECONDS: '0' }).ready,
    ]);
    await registry.serving();
    dataplane = new Dataplane(system);
    await eventually(async () => {
      const shown = (await (await system.get('/v1/dataplanes/main')).json()) as { first_seen_at?: number | null };
      return typeof shown.first_seen_at === 'number';
    });

    // Inside the checkout, where `openapi-fetch` is found.
    folder = mkdtempSync(join(checkout, 'test/dist/generated-client-'));
    cpSync(join(checkout, 'test/support/generated-client'), folder, { recursive: true });
    const document = await (await system.get('/openapi.json', {})).text();
    writeFileSync(join(folder, 'api.mts'), astToString(await openapiTS(document)));
  }, 180_000);
  afterAll(async () => {
    await dataplane?.stop();
    await registry?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  it('passes the strict checks of TypeScript', async () => {
    const checked = promisify(execFile)(process.execPath, [tsc, '--project', folder]);
    expect(await checked.catch(({ stdout }: { stdout: string }) => ({ stdout }))).toMatchObject({ stdout: '' });
    const module = (await import(pathToFileURL(join(folder, 'client.mjs')).href)) as {
      clientOf: (baseUrl: string, key: string) => Client;
    };
    client = module.clientOf(registry.system.baseUrl, registry.system.adminKey);
  });

  it('lists projects', async () => {
    expect(await client.projects()).toEqual(['shop']);
  });

  it('creates a connection and tests it', async () => {
    const port = Number(new URL(registry.system.database.url).port);
    expect(await client.createConnection('shop', 'db', port)).toMatchObject({
      name: 'db',
      type: 'postgres',
      postgresConnection: { host: '127.0.0.1', port },
    });
    // The user of the connection is not one of this server.
    expect(await client.testConnection('shop', 'db')).toBe('failed');
  });

  it('restarts a dataplane and follows that to its end', async () => {
    expect(await client.restart('main')).toMatchObject({ dataplane: 'main', state: 'healthy' });
  });
});
