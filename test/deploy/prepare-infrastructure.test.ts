import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type PostgresServer, type RabbitMqDefinitions } from '@signalbox/local-infra';
import { composeFile, environmentOf, inCheckout, readText, variablesIn } from './compose-file.js';

/** The names are their own passwords, so that a test knows which one was used where. */
const passwords = Object.fromEntries(
  Object.keys(variablesIn(readText('.env.example'))).map((name) => [name, `of-${name}`]),
);
const { services } = composeFile(passwords);

describe('the setup of docker-compose.yml', () => {
  let folder: string;
  let postgres: PostgresServer;
  let environment: Record<string, string>;

  const prepare = (env: Record<string, string>) =>
    spawnSync(process.execPath, [inCheckout(services['setup']!.command![0]!)], {
      env,
      encoding: 'utf8',
      timeout: 60_000,
    });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'signalbox-setup-'));
    postgres = await startPostgres({
      home: join(folder, 'postgres'),
      logFile: join(folder, 'postgres.log'),
      superuserPassword: passwords['POSTGRES_PASSWORD']!,
      settings: { fsync: 'off' },
    });
    environment = {
      ...environmentOf(services['setup']!),
      SIGNALBOX_DEFINITIONS_FILE: join(folder, 'definitions.json'),
      POSTGRES_HOST: '127.0.0.1',
      POSTGRES_PORT: String(postgres.port),
    };
  });

  afterAll(async () => {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('creates the roles and schemas of the services, and can run again', async () => {
    expect(prepare(environment).stderr).toBe('');
    expect(prepare(environment).status).toBe(0);

    const url = new URL(services['gateway']!.environment!['DATABASE_URL'] as string);
    url.host = `127.0.0.1:${postgres.port}`;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    const { rows } = await client.query('SELECT current_user AS who, current_schema AS schema');
    await client.end();
    expect(rows).toEqual([{ who: 'gateway', schema: 'gateway' }]);
  }, 120_000);

  it('writes the RabbitMQ users that the URLs name, and the users of readers and consumers, without passwords', () => {
    const text = readFileSync(environment['SIGNALBOX_DEFINITIONS_FILE']!, 'utf8');
    const { users, vhosts, policies } = JSON.parse(text) as RabbitMqDefinitions;
    const urls = Object.values(services).flatMap(({ environment: env }) => env?.['RABBITMQ_URL'] ?? []);
    const inUrls = urls.map((url) => new URL(String(url)).username);
    expect(users.map(({ name }) => name).sort()).toEqual([...inUrls, 'consumers', 'readers'].sort());
    expect(vhosts).toEqual([{ name: 'signalbox' }]);
    expect(policies).toMatchObject([{ vhost: 'signalbox', pattern: '^changes[.]' }]);
    expect(text).not.toContain('of-');
  });

  it('names each variable that is missing or not valid in a URL', () => {
    const { READERS_RABBITMQ_PASSWORD: _, ...rest } = environment;
    const { status, stderr } = prepare({ ...rest, GATEWAY_DATABASE_PASSWORD: 'a@b' });
    expect(status).toBe(1);
    expect(stderr).toContain('READERS_RABBITMQ_PASSWORD is not set');
    expect(stderr).toContain('GATEWAY_DATABASE_PASSWORD may hold');
    expect(stderr).not.toContain('a@b');
  });
});
