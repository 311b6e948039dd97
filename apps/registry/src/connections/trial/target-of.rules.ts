import { shownConnectionString, type Connection } from '@signalbox/contracts/http';

/** The server that a connection test reaches for, as far as it is no secret, for people. */
export function targetOf(connection: Connection): string {
  switch (connection.type) {
    case 'postgres': {
      const { connectionString, host, port = 5_432 } = connection.postgresConnection ?? {};
      if (connectionString === undefined) return `${host}:${port}`;
      const shown = shownConnectionString(connectionString);
      return shown === undefined ? 'the server of the connectionString' : new URL(shown).host;
    }
    case 'mysql': {
      const { host, port = 3_306 } = connection.mysqlConnection;
      return `${host}:${port}`;
    }
    case 'trino': {
      const { server, port } = connection.trinoConnection;
      return port === undefined ? `${server}` : `${server}:${port}`;
    }
    case 'duckdb':
      return 'an attached database';
    case 'bigquery':
      return 'BigQuery';
    case 'snowflake':
      return 'Snowflake';
    case 'motherduck':
      return 'MotherDuck';
  }
}
