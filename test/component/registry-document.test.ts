import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Registry, type RegistryInProcess } from '../support/registry.js';
import type { SystemInProcess } from '../support/system.js';

const read = (name: string): object =>
  JSON.parse(readFileSync(new URL(`../contracts/${name}`, import.meta.url), 'utf8')) as object;
const validatorOf = (name: string) => new Ajv2020({ strict: false }).compile(read(`registry-${name}.schema.json`));

const CREDENTIALS =
  /\.(password|serviceAccountKeyJson|privateKey|privateKeyPass|peakaKey|accessToken|secret|secretAccessKey|sessionToken)$/;
const key = JSON.stringify({ type: 'service_account', project_id: 'p', client_email: 'e', private_key: 'k' });

const postgresConnection = {
  host: 'h',
  port: 5_432,
  databaseName: 'd',
  userName: 'u',
  password: 'x',
  connectionString: 'postgres://u:x@h/d',
};
const bigqueryConnection = {
  defaultProjectId: 'p',
  billingProjectId: 'b',
  location: 'EU',
  serviceAccountKeyJson: key,
  maximumBytesBilled: '1',
  queryTimeoutMilliseconds: '2',
};
const snowflakeConnection = {
  account: 'a',
  username: 'u',
  password: 'x',
  privateKey: 'x',
  privateKeyPass: 'x',
  warehouse: 'w',
  database: 'd',
  schema: 's',
  role: 'r',
  responseTimeoutMilliseconds: 3,
};

/** Every member that the document names. */
const EVERYTHING = {
  projects: [
    {
      name: 'all',
      readme: 'r',
      packages: [{ name: 'k', location: './k' }],
      connections: [
        { name: 'pg', type: 'postgres', postgresConnection },
        { name: 'bq', type: 'bigquery', bigqueryConnection },
        { name: 'sf', type: 'snowflake', snowflakeConnection },
        {
          name: 'tr',
          type: 'trino',
          trinoConnection: {
            server: 'https://t',
            port: 8_443,
            catalog: 'c',
            schema: 's',
            user: 'u',
            password: 'x',
            peakaKey: 'x',
          },
        },
        {
          name: 'my',
          type: 'mysql',
          mysqlConnection: { host: 'h', port: 3_306, database: 'd', user: 'u', password: 'x' },
        },
        { name: 'md', type: 'motherduck', motherduckConnection: { accessToken: 'x', database: 'd' } },
        {
          name: 'dd',
          type: 'duckdb',
          duckdbConnection: {
            attachedDatabases: [
              { name: 'a1', type: 'postgres', postgresConnection },
              { name: 'a2', type: 'bigquery', bigqueryConnection },
              { name: 'a3', type: 'snowflake', snowflakeConnection },
              { name: 'a4', type: 'gcs', gcsConnection: { keyId: 'k', secret: 'x' } },
              {
                name: 'a5',
                type: 's3',
                s3Connection: {
                  accessKeyId: 'k',
                  secretAccessKey: 'x',
                  region: 'eu-west-1',
                  endpoint: 'e',
                  sessionToken: 'x',
                },
              },
            ],
          },
        },
      ],
    },
  ],
};

describe('GET /api/v0/status', () => {
  let system: SystemInProcess;
  let registry: RegistryInProcess;
  let status: Record<string, unknown>;

  beforeAll(async () => {
    registry = await Registry.withGatewayInProcess();
    ({ system } = registry);
    registry.makePackage('k', { name: 'k', description: 'd' });
    await registry.start({ config: EVERYTHING });
    status = (await registry.serving()) as unknown as Record<string, unknown>;
  });
  afterAll(() => registry.close());

  it('has every documented member with its type, except credentials', () => {
    const promised = new Map(pathsOf(read('registry-status.example.json')).filter(([path]) => !CREDENTIALS.test(path)));
    const given = new Map(pathsOf(status));
    expect(status).not.toHaveProperty('loadErrors');
    expect([...promised].filter(([path, type]) => given.get(path) !== type)).toEqual([]);
    expect([...given.keys()].filter((path) => CREDENTIALS.test(path))).toEqual([]);
  });

  it('matches the JSON Schemas of the status and of each resource', async () => {
    const judged: unknown[] = [];
    const judge = (name: string, body: unknown): void => {
      const validate = validatorOf(name);
      if (!validate(body)) judged.push([name, validate.errors]);
    };
    const get = async (path: string): Promise<unknown> => (await system.get(`/api/v0${path}`)).json();
    judge('status', status);
    judge('project', await get('/projects/all'));
    for (const project of (await get('/projects')) as unknown[]) judge('project', project);
    for (const connection of (await get('/projects/all/connections')) as { name: string }[]) {
      judge('connection', connection);
      expect(await get(`/projects/all/connections/${connection.name}`)).toEqual(connection);
    }
    for (const each of (await get('/projects/all/packages')) as { name: string }[]) {
      judge('package', each);
      expect(await get(`/projects/all/packages/${each.name}`)).toEqual(each);
    }
    expect(judged).toEqual([]);
  });
});

/** The path of each value in a body, with its type. The items of an array share a path. */
function pathsOf(value: unknown, path = ''): [path: string, type: string][] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsOf(item, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [[path, typeof value]];
  return Object.entries(value).flatMap(([name, member]) => pathsOf(member, `${path}.${name}`));
}
