import type { Connection } from './connection.js';

/** A problem of a connection beyond the shape of its members: its path and a text. */
export interface Need {
  readonly path: string;
  readonly message: string;
}

/** What is missing to create a connection of this type (contracts/registry.md §6); empty where nothing is. */
export function connectionNeeds(connection: Connection): Need[] {
  switch (connection.type) {
    case 'postgres':
      return postgresNeeds('postgresConnection', connection.postgresConnection);
    case 'mysql':
      return connection.mysqlConnection.host === undefined ? [need('mysqlConnection.host', 'is needed')] : [];
    case 'snowflake': {
      const { account, username, warehouse, password, privateKey } = connection.snowflakeConnection;
      const missing = Object.entries({ account, username, warehouse }).filter(([, value]) => value === undefined);
      const needs = missing.map(([name]) => need(`snowflakeConnection.${name}`, 'is needed'));
      return password === undefined && privateKey === undefined
        ? [...needs, need('snowflakeConnection', 'needs a password or a privateKey')]
        : needs;
    }
    case 'trino':
      return trinoNeeds(connection.trinoConnection);
    case 'motherduck':
      return connection.motherduckConnection.accessToken === undefined
        ? [need('motherduckConnection.accessToken', 'is needed')]
        : [];
    case 'duckdb':
      return duckdbNeeds(connection);
    case 'bigquery':
      return serviceAccountNeeds('bigqueryConnection', connection.bigqueryConnection.serviceAccountKeyJson, false);
  }
}

function postgresNeeds(
  at: string,
  { host, connectionString }: NonNullable<Extract<Connection, { type: 'postgres' }>['postgresConnection']> = {},
): Need[] {
  return host === undefined && connectionString === undefined ? [need(at, 'needs a host or a connectionString')] : [];
}

function trinoNeeds({ server, password, peakaKey }: Extract<Connection, { type: 'trino' }>['trinoConnection']): Need[] {
  const at = 'trinoConnection.server';
  if (server === undefined) return [need(at, 'is needed')];
  if (!/^https?:\/\//.test(server) || !URL.canParse(server))
    return [need(at, 'must be a URL that begins with http:// or https://')];
  const url = new URL(server);
  if (url.username !== '' || url.password !== '')
    return [need(at, 'must not hold a user or password: use the members user and password')];
  if (url.protocol === 'https:') return [];
  const sent = Object.entries({ password, peakaKey }).filter(([, value]) => value !== undefined);
  return sent.map(([member]) => need(`trinoConnection.${member}`, 'is sent over https only: the server is http'));
}

function duckdbNeeds({ name, duckdbConnection }: Extract<Connection, { type: 'duckdb' }>): Need[] {
  const needs = name === 'duckdb' ? [need('name', 'must not be "duckdb": DuckDB has a database of that name')] : [];
  const seen = new Set<string>();
  for (const [index, database] of (duckdbConnection?.attachedDatabases ?? []).entries()) {
    const at = `duckdbConnection.attachedDatabases.${index}`;
    if (database.name === name) needs.push(need(`${at}.name`, 'must not be the name of the connection'));
    if (seen.has(database.name)) needs.push(need(`${at}.name`, 'is used twice'));
    seen.add(database.name);
    if (database.type === 'postgres')
      needs.push(...postgresNeeds(`${at}.postgresConnection`, database.postgresConnection));
    if (database.type === 'gcs' && database.gcsConnection.secret === undefined)
      needs.push(need(`${at}.gcsConnection.secret`, 'is needed'));
    if (database.type === 's3' && database.s3Connection.secretAccessKey === undefined)
      needs.push(need(`${at}.s3Connection.secretAccessKey`, 'is needed'));
    if (database.type === 's3' && database.s3Connection.endpoint?.includes('@'))
      needs.push(need(`${at}.s3Connection.endpoint`, 'must not hold a user or password'));
    if (database.type === 'bigquery')
      needs.push(
        ...serviceAccountNeeds(`${at}.bigqueryConnection`, database.bigqueryConnection.serviceAccountKeyJson, true),
      );
    if (database.type === 'snowflake') {
      const { account, username, password } = database.snowflakeConnection;
      for (const [member, value] of Object.entries({ account, username, password })) {
        if (value === undefined) needs.push(need(`${at}.snowflakeConnection.${member}`, 'is needed'));
      }
    }
  }
  return needs;
}

/** The key of a Google service account contains its type. */
function serviceAccountNeeds(at: string, key: string | undefined, isNeeded: boolean): Need[] {
  const path = `${at}.serviceAccountKeyJson`;
  if (key === undefined) return isNeeded ? [need(path, 'is needed')] : [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(key);
  } catch {
    return [need(path, 'is not JSON')];
  }
  const account = (typeof parsed === 'object' && parsed !== null ? parsed : {}) as Record<string, unknown>;
  if (account['type'] !== 'service_account') return [need(path, 'is not the key of a service account (its type)')];
  const missing = ['project_id', 'private_key', 'client_email'].filter((member) => typeof account[member] !== 'string');
  return missing.length === 0 ? [] : [need(path, `lacks ${missing.join(', ')}`)];
}

const need = (path: string, message: string): Need => ({ path, message });
