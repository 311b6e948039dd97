import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AMQP_USERS, startPostgres, type PostgresServer, type RabbitMqDefinitions } from '@signalbox/local-infra';
import { composeFile, environmentOf, inCheckout, newSettings } from './compose-file.js';

const made = newSettings();
const { services } = composeFile(made.settings);
const secret = (name: string): string => readFileSync(join(made.secrets, name), 'utf8').trim();

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
      superuserPassword: secret('postgres-password'),
      settings: { fsync: 'off' },
    });
    environment = {
      ...environmentOf(services['setup']!, made.secrets),
      SIGNALBOX_DEFINITIONS_FILE: join(folder, 'definitions.json'),
      POSTGRES_HOST: '127.0.0.1',
      POSTGRES_PORT: String(postgres.port),
    };
  });

  afterAll(async () => {
    await postgres.stop();
    for (const each of [folder, made.folder]) rmSync(each, { recursive: true, force: true });
  });

  it('creates the roles and current schemas of the services, and can run again', async () => {
    expect(prepare(environment).stderr).toBe('');
    expect(prepare(environment).status).toBe(0);

    const url = new URL(secret('gateway-database-url'));
    url.host = `127.0.0.1:${postgres.port}`;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    const { rows } = await client.query(
      'SELECT current_user AS who, current_schema AS schema, (SELECT count(*)::int FROM api_key) AS keys',
    );
    await client.end();
    expect(rows).toEqual([{ who: 'gateway', schema: 'gateway', keys: 0 }]);
  }, 120_000);

  it('writes the RabbitMQ users that the URLs name, those of readers, consumers and operators, and their rights, without passwords', () => {
    const text = readFileSync(environment['SIGNALBOX_DEFINITIONS_FILE']!, 'utf8');
    const { users, vhosts, policies, exchanges, topic_permissions: topics } = JSON.parse(text) as RabbitMqDefinitions;
    expect(users.map(({ name }) => name).sort()).toEqual([...AMQP_USERS].sort());
    expect(vhosts).toEqual([{ name: 'signalbox' }]);
    expect(policies).toMatchObject([
      { vhost: 'signalbox', pattern: '^changes[.]' },
      { name: 'readers-and-agents' },
      { name: 'reader-control' },
    ]);
    expect(exchanges.map(({ name }) => name)).toContain('signalbox.replies');
    expect(topics).toContainEqual(
      expect.objectContaining({ user: 'registry', exchange: 'signalbox.state', write: '^(registry)$' }),
    );
    for (const name of AMQP_USERS) expect(text).not.toContain(new URL(secret(`${name}-rabbitmq-url`)).password);
  });

  it('has the policies that the documents give for a broker of your own', () => {
    const { policies } = JSON.parse(
      readFileSync(environment['SIGNALBOX_DEFINITIONS_FILE']!, 'utf8'),
    ) as RabbitMqDefinitions;
    const pages = ['docs/messages.md', 'docs/operations.md'].map((page) => readFileSync(inCheckout(page), 'utf8'));
    const given = [...pages.join('\n').matchAll(/set_policy -p signalbox (\S+) '(\S+)' '(\{.+?\})'/g)];
    expect(
      given.map(([, name, pattern, definition]) => ({ name, pattern, definition: JSON.parse(definition!) as unknown })),
    ).toEqual(policies.map(({ name, pattern, definition }) => ({ name, pattern, definition })));
  });

  it('names each secret that is missing or holds no password, without showing one', () => {
    const spoiled = join(folder, 'spoiled');
    cpSync(made.secrets, spoiled, { recursive: true });
    rmSync(join(spoiled, 'readers-rabbitmq-url'));
    writeFileSync(join(spoiled, 'gateway-database-url'), 'hunter2');
    const { status, stderr } = prepare({ ...environment, SIGNALBOX_SECRETS: spoiled });
    expect(status).toBe(1);
    expect(stderr).toContain(`${join(spoiled, 'readers-rabbitmq-url')} cannot be read`);
    expect(stderr).toContain(`${join(spoiled, 'gateway-database-url')} holds no URL with a password`);
    expect(stderr).not.toContain('hunter2');
  });
});
