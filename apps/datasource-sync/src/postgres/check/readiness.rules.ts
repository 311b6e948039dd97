import type { ReadinessAdvisory, ReadinessFailure } from '@signalbox/contracts/streams';
import type { DirectSource } from '../../work/assignment.js';
import type { ServerFacts, SourceFacts, TableFacts } from './source-facts.js';

/** The oldest that its makers still support; older ones have other catalogs. */
const OLDEST = 140_000;
const SHOWN = 20;

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Everything that a source lacks, not only what is found first. */
export function failuresOf({ server, tables }: SourceFacts, source: DirectSource): ReadinessFailure[] {
  return [
    ...serverFailures(server, source),
    ...publicationFailures(server, tables, source),
    ...(server.publication === null ? [] : tableFailures(server, tables, source)),
  ];
}

function* serverFailures(server: ServerFacts, { user, schema }: DirectSource): Generator<ReadinessFailure> {
  if (Number(server.version_num) < OLDEST)
    yield { item: 'server_version', actual: server.version, fix: 'Upgrade the server to PostgreSQL 14 or newer.' };
  if (server.wal_level !== 'logical')
    yield {
      item: 'wal_level',
      actual: server.wal_level,
      fix: 'ALTER SYSTEM SET wal_level = logical; then restart the server (Amazon RDS: rds.logical_replication = 1 in the parameter group).',
    };
  if (server.may_replicate !== 't')
    yield {
      item: 'replication_role',
      actual: `the role ${user} has no REPLICATION`,
      fix: `ALTER ROLE ${quoted(user)} REPLICATION; (Amazon RDS: GRANT rds_replication TO ${quoted(user)};)`,
    };
  if (server.schema_exists !== 't')
    yield {
      item: 'schema',
      actual: `there is no schema ${schema}`,
      fix: `CREATE SCHEMA ${quoted(schema)}; or register the right schema.`,
    };
  else if (server.schema_usage !== 't')
    yield {
      item: 'schema',
      actual: `the role ${user} has no USAGE on it`,
      fix: `GRANT USAGE ON SCHEMA ${quoted(schema)} TO ${quoted(user)};`,
    };
  if (server.own_slot !== 't' && Number(server.slots) >= Number(server.max_slots))
    yield {
      item: 'replication_slot_capacity',
      actual: `${server.slots} of ${server.max_slots} replication slots are in use`,
      fix: 'Raise max_replication_slots and restart the server, or drop a slot that is not used.',
    };
}

function* publicationFailures(
  server: ServerFacts,
  tables: readonly TableFacts[],
  { schema, publication }: DirectSource,
): Generator<ReadinessFailure> {
  const name = quoted(publication);
  const ofSchema = `FOR TABLES IN SCHEMA ${quoted(schema)}`;
  if (server.publication === null)
    yield {
      item: 'publication',
      actual: `there is no publication ${publication}`,
      fix: `CREATE PUBLICATION ${name} ${ofSchema}; (before PostgreSQL 15: FOR TABLE with the names of the tables)`,
    };
  else if (tables.length === 0)
    yield {
      item: 'publication',
      actual: `it has no table of the schema ${schema}`,
      fix: `ALTER PUBLICATION ${name} ADD TABLES IN SCHEMA ${quoted(schema)}; (before PostgreSQL 15: ADD TABLE with their names)`,
    };
  if (server.publication !== null && server.publishes !== 'insert, update, delete, truncate')
    yield {
      item: 'publication',
      actual: `it publishes ${server.publishes || 'nothing'}`,
      fix: `ALTER PUBLICATION ${name} SET (publish = 'insert, update, delete, truncate');`,
    };
}

function* tableFailures(
  server: ServerFacts,
  tables: readonly TableFacts[],
  { user, publication }: DirectSource,
): Generator<ReadinessFailure> {
  const role = quoted(user);
  const lacking = (test: (table: TableFacts) => boolean): TableFacts[] => tables.filter(test);
  const unidentified = lacking(({ identified }) => identified !== 't');
  if (unidentified.length > 0)
    yield {
      item: 'replica_identity',
      actual: `without a primary key or another replica identity: ${namesOf(unidentified)}`,
      fix: statements(unidentified, (table) => `ALTER TABLE ${table} REPLICA IDENTITY FULL;`),
    };
  const unsent = lacking(({ identity_sent }) => identity_sent !== 't');
  if (unsent.length > 0)
    yield {
      item: 'replica_identity',
      actual: `columns of the replica identity are generated or not published, so the server refuses updates or does not say of which row they are: ${namesOf(unsent)}`,
      fix: `${
        Number(server.version_num) >= 180_000
          ? `ALTER PUBLICATION ${quoted(publication)} SET (publish_generated_columns = stored);`
          : statements(unsent, (table) => `ALTER TABLE ${table} REPLICA IDENTITY FULL;`)
      } or ALTER TABLE with REPLICA IDENTITY USING INDEX of columns that are published.`,
    };
  const unreadable = lacking(({ selectable }) => selectable !== 't');
  if (unreadable.length > 0)
    yield {
      item: 'table_select',
      actual: `the role ${user} may not read: ${namesOf(unreadable)}`,
      fix: statements(unreadable, (table) => `GRANT SELECT ON ${table} TO ${role};`),
    };
  const hidden = server.bypasses_rls === 't' ? [] : lacking(({ row_security }) => row_security === 't');
  if (hidden.length > 0)
    yield {
      item: 'snapshot_row_security',
      actual: `row security hides rows from the role ${user} in: ${namesOf(hidden)}`,
      fix: `ALTER ROLE ${role} BYPASSRLS;`,
    };
}

const namesOf = (tables: readonly TableFacts[]): string =>
  tables
    .slice(0, SHOWN)
    .map(({ name }) => name)
    .join(', ') + (tables.length > SHOWN ? ` and ${tables.length - SHOWN} more` : '');

const statements = (tables: readonly TableFacts[], of: (table: string) => string): string =>
  tables
    .slice(0, SHOWN)
    .map((table) => of(table.quoted))
    .join(' ') + (tables.length > SHOWN ? ' and so on' : '');

export interface Login {
  readonly encrypted: boolean;
}

/** What works and should be done otherwise. */
export function* advisoriesOf(
  { server, tables }: SourceFacts,
  { user, tls, publication, schema }: DirectSource,
  { encrypted }: Login,
): Generator<ReadinessAdvisory> {
  if (server.superuser === 't')
    yield {
      item: 'login',
      recommendation: `The role ${user} is a superuser: use a role with LOGIN, REPLICATION and SELECT only.`,
    };
  if (
    server.bypasses_rls === 't' &&
    server.superuser !== 't' &&
    !tables.some(({ row_security }) => row_security === 't')
  )
    yield {
      item: 'login',
      recommendation: `The role ${user} has BYPASSRLS: it is needed only where tables have row security.`,
    };
  if (!encrypted) yield { item: 'tls', recommendation: 'The connection is not encrypted: use sslmode=verify-full.' };
  else if (tls !== 'verify-full')
    yield { item: 'tls', recommendation: 'The host name of the certificate is not verified: use sslmode=verify-full.' };
  if (Number(server.version_num) >= 170_000)
    yield {
      item: 'slot_failover',
      recommendation:
        'The slot is not copied to standby servers: after a failover, start over with POST /v1/datasources/{id}/resync.',
    };
  if (server.wal_keep === '-1')
    yield {
      item: 'wal_retention',
      recommendation:
        'max_slot_wal_keep_size is unlimited: a bound protects the disk of the server while nothing reads from the slot.',
    };
  if (server.publication !== null && Number(server.unpublished) > 0)
    yield {
      item: 'publication_drift',
      recommendation: `${server.unpublished} tables of the schema ${schema} are not in the publication ${publication}: they are not followed.`,
    };
  if (Number(server.elsewhere) > 0)
    yield {
      item: 'publication_drift',
      recommendation: `${server.elsewhere} tables of the publication ${publication} lie outside the schema ${schema}: they are ignored.`,
    };
}
