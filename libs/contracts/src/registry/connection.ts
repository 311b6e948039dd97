import { z } from 'zod';
import * as configs from './connection-configs.js';
import { resourceName, resourceNameOrBlank } from './resource-name.js';

/** The types of connections, and the member with the settings of each. */
export const CONFIG_MEMBERS = {
  postgres: 'postgresConnection',
  bigquery: 'bigqueryConnection',
  snowflake: 'snowflakeConnection',
  trino: 'trinoConnection',
  mysql: 'mysqlConnection',
  duckdb: 'duckdbConnection',
  motherduck: 'motherduckConnection',
} as const;

export type ConnectionType = keyof typeof CONFIG_MEMBERS;

export const connectionType = z.enum(Object.keys(CONFIG_MEMBERS) as [ConnectionType, ...ConnectionType[]]);

/** Members that the registry sets. Clients that send back what they read send them too. */
const setByRegistry = { resource: z.string().optional(), attributes: z.looseObject({}).optional() };

const connectionWith = <Common extends z.ZodRawShape>(common: Common) =>
  z.discriminatedUnion('type', [
    z.strictObject({ ...common, type: z.literal('postgres'), postgresConnection: configs.postgresConfig.optional() }),
    z.strictObject({ ...common, type: z.literal('bigquery'), bigqueryConnection: configs.bigqueryConfig }),
    z.strictObject({ ...common, type: z.literal('snowflake'), snowflakeConnection: configs.snowflakeConfig }),
    z.strictObject({ ...common, type: z.literal('trino'), trinoConnection: configs.trinoConfig }),
    z.strictObject({ ...common, type: z.literal('mysql'), mysqlConnection: configs.mysqlConfig }),
    z.strictObject({ ...common, type: z.literal('duckdb'), duckdbConnection: configs.duckdbConfig.optional() }),
    z.strictObject({ ...common, type: z.literal('motherduck'), motherduckConnection: configs.motherduckConfig }),
  ]);

/** A connection with its settings and credentials, as clients send it and as it is used. It is never shown like this. */
export const connection = connectionWith({ ...setByRegistry, name: resourceName });
export type Connection = z.output<typeof connection>;

/** The body of the request that creates a connection: its name is that of the path. */
export const connectionBody = connectionWith({
  ...setByRegistry,
  name: z.string().optional().describe('As in the path, or blank'),
});

/** A connection that is only tested needs no name. With a project it names the stored one. */
export const connectionToTest = connectionWith({
  ...setByRegistry,
  name: resourceNameOrBlank.optional(),
  project: resourceNameOrBlank.optional(),
});
export type ConnectionToTest = z.output<typeof connectionToTest>;

/** The capabilities of a type (the table in contracts/registry.md). */
export interface ConnectionAttributes {
  readonly dialectName: string;
  readonly isPool: boolean;
  readonly canPersist: boolean;
  readonly canStream: boolean;
}

const able = (dialectName: string, isPool: boolean, canPersist: boolean, canStream: boolean): ConnectionAttributes => ({
  dialectName,
  isPool,
  canPersist,
  canStream,
});

export const CONNECTION_ATTRIBUTES: Record<ConnectionType, ConnectionAttributes> = {
  postgres: able('postgres', false, true, true),
  bigquery: able('standardsql', false, true, true),
  snowflake: able('snowflake', true, true, true),
  trino: able('trino', false, true, false),
  mysql: able('mysql', false, true, false),
  duckdb: able('duckdb', false, true, true),
  motherduck: able('duckdb', false, true, true),
};
