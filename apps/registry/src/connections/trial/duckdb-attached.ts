import type { Connection } from '@signalbox/contracts/http';
import { reach, testBigquery, testSnowflake } from './cloud-warehouses.js';
import { testPostgres } from './postgres.js';
import { textOf } from './text-of.js';
import type { Trial } from './trial.js';

type Settings = NonNullable<Extract<Connection, { type: 'duckdb' }>['duckdbConnection']>;
type Attached = NonNullable<Settings['attachedDatabases']>[number];

/** Tests each attached database on its own: DuckDB would use extensions from the network, which are not bound by the network policy. */
export async function testAttached({ attachedDatabases = [] }: Settings, trial: Trial): Promise<void> {
  for (const database of attachedDatabases) {
    await attempt(database, trial).catch((error: unknown) => {
      throw new Error(`attached database ${database.name}: ${textOf(error)}`, { cause: error });
    });
  }
}

function attempt(database: Attached, trial: Trial): Promise<void> {
  switch (database.type) {
    case 'postgres':
      return testPostgres(database.postgresConnection, trial);
    case 'bigquery':
      return testBigquery(database.bigqueryConnection, trial);
    case 'snowflake':
      return testSnowflake(database.snowflakeConnection, trial);
    case 'gcs':
      return reach('https://storage.googleapis.com/', 'Google Cloud Storage', trial);
    case 's3':
      return reach(bucketHost(database.s3Connection), 'The object store', trial);
  }
}

function bucketHost({ endpoint, region }: Extract<Attached, { type: 's3' }>['s3Connection']): string {
  if (endpoint === undefined) return `https://s3.${encodeURIComponent(region ?? 'us-east-1')}.amazonaws.com/`;
  const url = /^https?:\/\//.test(endpoint) ? endpoint : `https://${endpoint}`;
  if (!URL.canParse(url)) throw new Error('its endpoint is no address of a server');
  return new URL(url).origin;
}
