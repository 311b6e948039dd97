import pg from 'pg';
import { scramVerifier } from './scram.js';

export interface ServiceRole {
  role: string;
  /** Its search path. */
  schema: string;
  /**
   * Owns the schema and all that the role owned in this database before, and may not log in. The role may use the schema; what else it may do
   * there is granted when the schema has been migrated. Default: the role itself.
   */
  owner?: string;
  password: string;
}

export interface ProvisionOptions {
  /** A URL of any database on the server. */
  superuserUrl: string;
  database: string;
  services: ServiceRole[];
}

/**
 * Creates what Signalbox needs on a server: one database, a role and a schema for each service, and owners of schemas. A role may connect
 * and use its own schema, nothing else; PUBLIC has no rights. Idempotent; it sets the given passwords.
 */
export async function provisionPostgres({ superuserUrl, database, services }: ProvisionOptions): Promise<void> {
  await withClient(superuserUrl, async (client) => {
    await makeDatabase(client, database);
    for (const service of services) await makeRole(client, service);
    for (const owner of new Set(services.flatMap(({ owner }) => owner ?? []))) await makeOwner(client, owner);
    for (const name of ['postgres', 'template1', database])
      await client.query(`REVOKE ALL ON DATABASE ${id(name)} FROM PUBLIC`);
    for (const { role } of services) await client.query(`GRANT CONNECT ON DATABASE ${id(database)} TO ${id(role)}`);
  });
  const inside = new URL(superuserUrl);
  inside.pathname = `/${encodeURIComponent(database)}`;
  await withClient(inside.href, async (client) => {
    await client.query('REVOKE ALL ON SCHEMA public FROM PUBLIC');
    for (const { role, schema, owner = role } of services) {
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${id(schema)} AUTHORIZATION ${id(owner)}`);
      await client.query(`ALTER SCHEMA ${id(schema)} OWNER TO ${id(owner)}`);
      if (owner !== role) {
        await client.query(`REASSIGN OWNED BY ${id(role)} TO ${id(owner)}`);
        await client.query(`GRANT USAGE ON SCHEMA ${id(schema)} TO ${id(role)}`);
      }
      await client.query(`ALTER ROLE ${id(role)} IN DATABASE ${id(database)} SET search_path = ${id(schema)}`);
    }
  });
}

async function makeDatabase(client: pg.Client, database: string): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${id(database)} ENCODING 'UTF8' TEMPLATE template0`);
}

const NO_RIGHTS = 'NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS';

async function makeRole(client: pg.Client, { role, password }: ServiceRole): Promise<void> {
  const verb = await verbFor(client, role);
  const secret = pg.escapeLiteral(scramVerifier(password));
  await client.query(`${verb} ROLE ${id(role)} LOGIN ${NO_RIGHTS} PASSWORD ${secret}`);
}

async function makeOwner(client: pg.Client, owner: string): Promise<void> {
  await client.query(`${await verbFor(client, owner)} ROLE ${id(owner)} NOLOGIN ${NO_RIGHTS} PASSWORD NULL`);
}

async function verbFor(client: pg.Client, role: string): Promise<'CREATE' | 'ALTER'> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  return rowCount === 0 ? 'CREATE' : 'ALTER';
}

async function withClient(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: 'signalbox-provision',
  });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

const id = (name: string): string => pg.escapeIdentifier(name);
