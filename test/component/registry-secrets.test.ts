import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { exchanges } from '@signalbox/contracts/messages';
import { connect } from 'amqplib';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Registry, type RegistryInProcess } from '../support/registry.js';
import { System, type SystemInProcess } from '../support/system.js';

let count = 0;
const canaries: string[] = [];
/** A unique value with characters that JSON and URLs write differently. */
const canary = (around: (value: string) => string = (value) => value): string => {
  const value = `canary-${++count}-é"/+ü`;
  canaries.push(value);
  return around(value);
};
const account = (): string =>
  JSON.stringify({ type: 'service_account', project_id: 'p', client_email: 'e', private_key: canary() });
const link = (): string => canary((value) => `postgres://u:${encodeURIComponent(value)}@127.0.0.1:1/d`);

const CONNECTIONS: Record<string, unknown>[] = [
  {
    name: 'pg',
    type: 'postgres',
    postgresConnection: { host: '127.0.0.1', port: 1, password: canary(), connectionString: link() },
  },
  { name: 'my', type: 'mysql', mysqlConnection: { host: '127.0.0.1', port: 1, password: canary() } },
  { name: 'bq', type: 'bigquery', bigqueryConnection: { serviceAccountKeyJson: account() } },
  {
    name: 'sf',
    type: 'snowflake',
    snowflakeConnection: {
      account: 'a',
      username: 'u',
      warehouse: 'w',
      password: canary(),
      privateKey: canary(),
      privateKeyPass: canary(),
    },
  },
  {
    name: 'tr',
    type: 'trino',
    trinoConnection: { server: 'https://127.0.0.1:1', password: canary(), peakaKey: canary() },
  },
  { name: 'md', type: 'motherduck', motherduckConnection: { accessToken: canary() } },
  {
    name: 'dd',
    type: 'duckdb',
    duckdbConnection: {
      attachedDatabases: [
        { name: 'a1', type: 'postgres', postgresConnection: { password: canary(), connectionString: link() } },
        { name: 'a2', type: 'gcs', gcsConnection: { keyId: 'k', secret: canary() } },
        {
          name: 'a3',
          type: 's3',
          s3Connection: { accessKeyId: 'k', secretAccessKey: canary(), sessionToken: canary() },
        },
        {
          name: 'a4',
          type: 'snowflake',
          snowflakeConnection: {
            account: 'a',
            username: 'u',
            password: canary(),
            privateKey: canary(),
            privateKeyPass: canary(),
          },
        },
        { name: 'a5', type: 'bigquery', bigqueryConnection: { serviceAccountKeyJson: account() } },
      ],
    },
  },
];

/** Each way a canary could be written: as it is, escaped for JSON or a URL, in base64 at each of the three offsets. */
const spellings = canaries.flatMap((value) => {
  const inner = value.slice(0, value.lastIndexOf('-'));
  const encoded = [0, 1, 2].map((offset) =>
    Buffer.from('x'.repeat(offset) + inner)
      .toString('base64')
      .slice(offset === 0 ? 0 : 4, -4),
  );
  return [`${inner}-`, encodeURIComponent(`${inner}-`), ...encoded];
});

/** Each way by which a service could write, with a line that shows that it is searched. */
const OUTPUTS: readonly { readonly write: (line: string) => void; readonly line: string }[] = [
  { write: (line) => process.stdout.write(`${line}\n`), line: 'stdout is searched' },
  { write: (line) => process.stderr.write(`${line}\n`), line: 'stderr is searched' },
  { write: (line) => console.log(line), line: 'console.log is searched' },
  { write: (line) => console.error(line), line: 'console.error is searched' },
];

/**
 * Collects what is written to stdout and stderr beside the logs: services run in this process. Vitest gives `console` streams
 * of its own.
 */
function captureOutput(): { readonly text: () => string; readonly stop: () => void } {
  const chunks: string[] = [];
  const { _stdout, _stderr } = console as unknown as Record<'_stdout' | '_stderr', Writable>;
  const restore = [...new Set([process.stdout, process.stderr, _stdout, _stderr])].map((stream) => {
    const write = stream.write.bind(stream);
    stream.write = ((chunk: string | Uint8Array, ...rest: []) => {
      chunks.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
      return write(chunk, ...rest);
    }) as typeof stream.write;
    return () => void (stream.write = write);
  });
  return { text: () => chunks.join(''), stop: () => restore.forEach((undo) => undo()) };
}

describe('a credential', () => {
  let system: SystemInProcess;
  let registry: RegistryInProcess;
  const received: string[] = [];
  const outputs: Record<string, string> = {};

  const written = captureOutput();

  beforeAll(async () => {
    for (const { write, line } of OUTPUTS) write(line);
    system = await System.inProcess();
    registry = new Registry(system);
    const gateway = await system.startGateway({ LOG_LEVEL: 'debug', SIGNALBOX_DRAIN_MS: '0' });
    const channel = await (await connect(system.broker.url)).createChannel();
    for (const exchange of [exchanges.state, exchanges.requests, exchanges.replies, exchanges.deadLetters]) {
      await channel.assertExchange(exchange.name, exchange.type);
      const { queue } = await channel.assertQueue('', { exclusive: true });
      await channel.bindQueue(queue, exchange.name, '#');
      await channel.consume(
        queue,
        (message) =>
          message &&
          received.push(
            message.content.toString('latin1'),
            message.content.toString(),
            JSON.stringify(message.properties),
          ),
        { noAck: true },
      );
    }
    await registry.start({
      config: { projects: [{ name: 'file', connections: CONNECTIONS }] },
      env: { LOG_LEVEL: 'debug', SIGNALBOX_ALLOW_LOOPBACK_TARGETS: 'true' },
    });
    await registry.serving();

    const answers: string[] = [];
    const send = async (method: string, path: string, body?: unknown): Promise<void> => {
      const response = await system.send(method, `/api/v0${path}`, body);
      answers.push(await response.text(), JSON.stringify([...response.headers]));
    };
    await send('POST', '/projects', { name: 'api', connections: CONNECTIONS });
    for (const connection of CONNECTIONS) {
      const path = `/projects/api/connections/${connection['name'] as string}`;
      await send('POST', path, connection);
      await send('PATCH', path, connection);
      await send('PATCH', path, { ...connection, extra: canaries[0] });
      await send('GET', path);
      await send('POST', `${path}/test`);
      await send('POST', '/connections/test', connection);
      await send('POST', '/connections/test', { ...connection, name: canaries[1] });
      await send('POST', `/projects/api/connections/new-${connection['name'] as string}`, {
        ...connection,
        name: undefined,
      });
      await send('DELETE', path);
    }
    await send('PATCH', '/projects/api', { connections: CONNECTIONS });
    for (const path of [
      '/status',
      '/projects',
      '/projects/file',
      '/projects/file/connections',
      ...CONNECTIONS.map(({ name }) => `/projects/file/connections/${name as string}`),
    ])
      await send('GET', path);
    for (const port of [system.managementPort, (await system.service('registry').ready).managementPort]) {
      for (const path of ['/metrics', '/readyz?verbose'])
        answers.push(await (await fetch(`http://127.0.0.1:${port}${path}`)).text());
    }
    outputs['answers'] = answers.join('\n');
    outputs['logs'] = gateway.output + system.service('registry').output + written.text();
    outputs['messages'] = received.join('\n');
    outputs['tables'] = await dump(system.database.url);
    outputs['files'] = readdirSync(join(registry.folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'signalbox.config.json')
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
      .join('\n');
  }, 240_000);
  afterAll(async () => {
    written.stop();
    await system?.close();
    registry?.remove();
  });

  it('is found by these searches where it is stored', () => {
    expect(canaries.length).toBeGreaterThanOrEqual(19);
    const text = JSON.stringify(CONNECTIONS);
    expect(
      canaries.filter((_, index) =>
        spellings.slice(index * 5, index * 5 + 2).some((spelling) => text.includes(spelling)),
      ),
    ).toEqual(canaries);
    expect(
      spellings.slice(2, 5).some((spelling) =>
        Buffer.from(canaries[0] ?? '')
          .toString('base64')
          .includes(spelling),
      ),
    ).toBe(true);
    expect(outputs['messages']).toContain('"key":"connection/api/pg"');
    expect(outputs['tables']).toContain('v1.');
    expect(outputs['logs']).toContain('serving');
    for (const { line } of OUTPUTS) expect(outputs['logs']).toContain(line);
  });

  it.each(['answers', 'logs', 'messages', 'tables', 'files'])('is not in the %s', (where) => {
    expect(spellings.filter((spelling) => outputs[where]?.includes(spelling))).toEqual([]);
  });
});

/** Every row of every table of the registry and the gateway, as text. */
async function dump(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      "SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables WHERE table_schema IN ('registry', 'gateway')",
    );
    const contents = await Promise.all(
      tables.map(async ({ name }) => JSON.stringify((await client.query(`SELECT * FROM ${name}`)).rows)),
    );
    return contents.join('\n');
  } finally {
    await client.end();
  }
}
