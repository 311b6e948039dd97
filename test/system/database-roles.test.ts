import 'reflect-metadata';
import { roleOf, SERVICES, type ServiceName } from '@signalbox/local-infra';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RoleServer } from '../support/role-server.js';

const OF_ROWS = ['DELETE', 'INSERT', 'SELECT', 'UPDATE'];
const ROLES = SERVICES.map((service) => roleOf(service));

/** Who has which rights on each table, sequence, function and schema, and who owns it. */
const OBJECTS = `
  SELECT nspname AS schema, kind, name, pg_get_userbyid(owner) AS owner,
    coalesce((SELECT json_object_agg(role, privileges) FROM (
      SELECT coalesce(pg_get_userbyid(nullif(grantee, 0)), 'PUBLIC') AS role, array_agg(privilege_type ORDER BY privilege_type) AS privileges
      FROM aclexplode(coalesce(acl, acldefault(class, owner))) WHERE grantee <> owner GROUP BY grantee) AS granted), '{}') AS rights
  FROM (
    SELECT relnamespace AS namespace, CASE relkind WHEN 'S' THEN 'sequence' ELSE 'table' END AS kind, relname AS name, relowner AS owner,
      relacl AS acl, (CASE relkind WHEN 'S' THEN 's' ELSE 'r' END)::"char" AS class
    FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    UNION ALL SELECT pronamespace, 'function', proname, proowner, proacl, 'f' FROM pg_proc
    UNION ALL SELECT oid, 'schema', nspname, nspowner, nspacl, 'n' FROM pg_namespace
  ) AS object JOIN pg_namespace ON pg_namespace.oid = namespace
  WHERE nspname = ANY(string_to_array('${ROLES.join(' ')}', ' ')) ORDER BY 1, 2, 3`;

interface Described {
  schema: string;
  kind: 'table' | 'sequence' | 'function' | 'schema';
  name: string;
  owner: string;
  rights: Record<string, string[]>;
}

/** All that a service's role may do, by the object. */
function expected({ schema, kind, name }: Described): Record<string, string[]> {
  if (kind === 'function') return name === 'delete_old_audit' ? { [schema]: ['EXECUTE'] } : {};
  if (kind === 'schema') return { [schema]: ['USAGE'] };
  if (kind === 'sequence') return { [schema]: ['SELECT', 'USAGE'] };
  if (name === 'migrations') return { [schema]: ['SELECT'] };
  return { [schema]: schema === 'journal' && name === 'audit' ? ['INSERT', 'SELECT'] : OF_ROWS };
}

/** A server that release 0.1.0 has used, in which each service's role owned its schema, after an upgrade. */
describe('the database roles of the services', () => {
  let server: RoleServer;
  const objects = async (): Promise<Described[]> =>
    (await server.query(server.superuserUrl, OBJECTS)) as unknown as Described[];

  beforeAll(async () => {
    server = await RoleServer.start();
    await server.provision({ earlier: true });
    for (const service of SERVICES.filter((each) => each !== 'journal')) await server.migrateAs(service);
    await server.query(server.urlOf('gateway'), "INSERT INTO tier VALUES ('gold', 10, 1)");
    // Rights that were given by hand.
    await server.query(server.urlOf('registry'), 'GRANT USAGE ON SCHEMA registry TO gateway');
    await server.query(server.urlOf('registry'), 'GRANT SELECT, TRUNCATE ON project TO registry, gateway');
    await server.provision();
    await server.migrateSchemas();
  }, 120_000);
  afterAll(() => server?.stop());

  it('own nothing', async () => {
    const owned = `SELECT rolname, classid::regclass, objid FROM pg_shdepend JOIN pg_roles ON pg_roles.oid = refobjid
      WHERE deptype = 'o' AND rolname = ANY(string_to_array('${ROLES.join(' ')}', ' '))`;
    expect(await server.query(server.superuserUrl, owned)).toEqual([]);
    expect(new Set((await objects()).map(({ owner }) => owner))).toEqual(new Set(['signalbox_owner']));
  });

  it('may read and write the rows of their own tables, and nothing else', async () => {
    const found = await objects();
    expect(found.filter(({ kind }) => kind === 'table').length).toBeGreaterThan(30);
    expect(found.map((object) => [object.schema, object.kind, object.name, object.rights])).toEqual(
      found.map((object) => [object.schema, object.kind, object.name, expected(object)]),
    );
  });

  it('keep the rows that were there', async () => {
    const rows = await server.query(server.urlOf('gateway'), "SELECT requests_per_hour FROM tier WHERE name = 'gold'");
    expect(rows).toEqual([{ requests_per_hour: 10 }]);
  });

  it.each(SERVICES)(
    'let %s start with a current schema, and not with one that is not',
    async (service: ServiceName) => {
      await server.migrateAs(service);
      const last = `FROM ${roleOf(service)}.migrations WHERE id = (SELECT max(id) FROM ${roleOf(service)}.migrations)`;
      const [row] = await server.query(server.superuserUrl, `SELECT * ${last}`);
      await server.query(server.superuserUrl, `DELETE ${last}`);
      await expect(server.migrateAs(service)).rejects.toThrow(
        `is not current (${String(row!['name'])}). Stop all services`,
      );
      const put = `INSERT INTO ${roleOf(service)}.migrations VALUES (${String(row!['id'])}, ${String(row!['timestamp'])}, '${String(row!['name'])}')`;
      await server.query(server.superuserUrl, put);
    },
  );

  it('can be one for all, beside one that owns all: MIGRATION_DATABASE_URL', async () => {
    await server.query(
      server.superuserUrl,
      "CREATE ROLE app_owner LOGIN PASSWORD 'x'",
      "CREATE ROLE app LOGIN PASSWORD 'x'",
      'CREATE DATABASE given',
      'GRANT CREATE ON DATABASE given TO app_owner',
    );
    const urlOf = (user: string): string =>
      Object.assign(new URL(server.superuserUrl), { username: user, password: 'x', pathname: '/given' }).href;
    const url = urlOf('app');
    await expect(server.migrateAs('gateway', { url })).rejects.toThrow('may not create it');
    await server.migrateSchemas({ url: urlOf('app_owner'), user: 'app' });
    for (const service of SERVICES) await server.migrateAs(service, { url });
    expect(await server.query(url, "INSERT INTO gateway.tier VALUES ('gold', 10, 1) RETURNING name")).toEqual([
      { name: 'gold' },
    ]);
    for (const statement of ['CREATE TABLE gateway.own (id int)', 'TRUNCATE gateway.tier', 'DELETE FROM journal.audit'])
      await expect(server.query(url, statement)).rejects.toThrow('permission denied');
  });
});
