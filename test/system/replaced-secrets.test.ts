import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { callManagement, eventually } from '@signalbox/testing';
import { envVaultKeys, Vault } from '@signalbox/platform';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Registry } from '../support/registry.js';
import { System } from '../support/system.js';
import type { ServiceProcess } from '../support/service-process.js';

const newKey = (): string => randomBytes(32).toString('base64');
const CONNECTION = {
  type: 'postgres',
  postgresConnection: { host: 'db', port: 5432, databaseName: 'shop', userName: 'u', password: 'canary' },
};

const CONNECTIONS = '/api/v0/projects/before/connections';

describe('secrets in files, which are replaced while the services run', () => {
  const role = `rotating_${randomBytes(6).toString('hex')}`;
  const keys = newKey();
  let system: System;
  let registry: Registry;
  let superuser: pg.Client;
  let services: ServiceProcess[];

  const fileOf = (variable: string): string => join(registry.folder, variable.toLowerCase());
  const write = (variable: string, value: string): void => writeFileSync(fileOf(variable), `${value}\n`);
  /** The variables that a service reads from files, each with the path of its file in place of its value. */
  const inFiles = (...variables: string[]): Record<string, string> =>
    Object.fromEntries(
      variables.flatMap((variable) => [
        [variable, ''],
        [`${variable}_FILE`, fileOf(variable)],
      ]),
    );
  const isMade = async (project: string): Promise<boolean> =>
    (await system.send('POST', '/api/v0/projects', { name: project })).status === 200;
  const urlWith = (url: string, changes: Partial<URL>): string => Object.assign(new URL(url), changes).href;

  async function replacePasswords(password: string): Promise<void> {
    await superuser.query(`ALTER ROLE ${role} PASSWORD '${password}'`);
    await callManagement('PUT', `/users/${system.broker.vhost}`, { password, tags: '' });
    write('DATABASE_URL', urlWith(system.database.url, { username: role, password }));
    write('RABBITMQ_URL', urlWith(system.broker.url, { password }));
  }

  /** All connections end, so that each service has to log in again. */
  async function endConnections(): Promise<void> {
    await superuser.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [role]);
    await system.broker.closeAllConnections();
  }

  beforeAll(async () => {
    system = await System.create();
    registry = new Registry(system);
    superuser = new pg.Client({ connectionString: system.database.url });
    await superuser.connect();
    await superuser.query(`CREATE ROLE ${role} LOGIN SUPERUSER`);
    await replacePasswords('first-canary');
    write('SIGNALBOX_SECRET_KEYS', keys);
    const connections = inFiles('DATABASE_URL', 'RABBITMQ_URL');
    await system.startGatewayProcess({ SIGNALBOX_DRAIN_MS: '0', ...connections });
    services = [
      await registry.start({
        config: { projects: [] },
        env: inFiles('DATABASE_URL', 'RABBITMQ_URL', 'SIGNALBOX_SECRET_KEYS'),
      }),
      system.start('datasource-sync', inFiles('DATABASE_URL', 'RABBITMQ_URL', 'SIGNALBOX_SECRET_KEYS')),
      system.start('journal', connections),
    ];
    await Promise.all(services.map(({ ready }) => ready));
    await eventually(() => isMade('before'));
    await system.send('POST', `${CONNECTIONS}/shop`, CONNECTION);
  }, 120_000);
  afterAll(async () => {
    await superuser?.end();
    await registry?.close();
  });

  it('has a new password for each new connection', async () => {
    await replacePasswords('second-canary');
    await endConnections();
    await eventually(() => isMade('after'), { timeoutMs: 50_000 });
    // A start, and again: each has read the new password.
    await eventually(() => services.every(({ output }) => output.split('connected to the broker').length > 2));
    for (const service of [...services, system.service('gateway')]) {
      expect(service.output).not.toMatch(/first-canary|second-canary/);
    }
  });

  it('keeps the URL of before where the new one cannot be used, and says so', async () => {
    write('RABBITMQ_URL', 'nonsense-canary');
    const said = 'SecretFileWarning: RABBITMQ_URL_FILE: what it holds is not valid; the value before stays in use';
    // Again where a service was about to connect with what it had just read.
    await eventually(
      async () => {
        await endConnections();
        return services.every(({ output }) => output.includes(said));
      },
      { timeoutMs: 50_000, everyMs: 2_000 },
    );
    await eventually(() => isMade('unusable'));
    for (const { output } of services) expect(output).not.toContain('nonsense-canary');
  });

  it('seals with a new key, and does not need the one before any more', async () => {
    const changes = async (): Promise<string[]> => {
      const { data } = (await (await system.get('/v1/audit?action=change-sealing-key')).json()) as {
        data: { resource: string }[];
      };
      return data.map(({ resource }) => resource).sort();
    };
    const sealed = async (): Promise<string[]> => {
      const { rows } = await superuser.query<{ sealed: string }>('SELECT sealed FROM registry.connection');
      return rows.map((row) => row.sealed);
    };
    const [before] = await sealed();
    expect(before).toMatch(/^v1\./);
    const next = newKey();
    write('SIGNALBOX_SECRET_KEYS', `${next},${keys}`);
    await eventually(async () => (await changes()).length === 2);
    expect(await changes()).toEqual(['datasource-sync', 'registry']);
    await eventually(async () => (await sealed())[0] !== before);

    write('SIGNALBOX_SECRET_KEYS', next);
    await eventually(async () => (await system.send('POST', `${CONNECTIONS}/later`, CONNECTION)).status === 201);
    const vault = new Vault(envVaultKeys().parse(next));
    expect((await sealed()).map((text) => vault.isCurrent(text))).toEqual([true, true]);
  });
});
