import { z } from 'zod';
import * as configs from '../registry/connection-configs.js';
import { connectionType } from '../registry/connection.js';

/** The documented bodies of `/api/v0` (document: registry-status). A value that is not known is absent, never null. */

const shown = () => z.string().optional();

export const connectionAttributes = z.object({
  dialectName: z.string(),
  isPool: z.boolean(),
  canPersist: z.boolean(),
  canStream: z.boolean(),
});

/** The settings of each type as they are shown. */
export const shownSettings = {
  postgres: z.object({
    host: shown(),
    port: z.int().optional(),
    databaseName: shown(),
    userName: shown(),
    connectionString: shown(),
  }),
  bigquery: z.object({
    defaultProjectId: shown(),
    billingProjectId: shown(),
    location: shown(),
    maximumBytesBilled: shown(),
    queryTimeoutMilliseconds: shown(),
  }),
  snowflake: z.object({
    account: shown(),
    username: shown(),
    warehouse: shown(),
    database: shown(),
    schema: shown(),
    role: shown(),
    responseTimeoutMilliseconds: z.int().optional(),
  }),
  trino: z.object({ server: shown(), port: z.number().optional(), catalog: shown(), schema: shown(), user: shown() }),
  mysql: z.object({ host: shown(), port: z.int().optional(), database: shown(), user: shown() }),
  motherduck: z.object({ database: shown() }),
  gcs: z.object({ keyId: z.string() }),
  s3: z.object({ accessKeyId: z.string(), region: shown(), endpoint: shown() }),
};

export const shownAttachedDatabase = z.object({
  name: z.string(),
  type: z.enum(['bigquery', 'snowflake', 'postgres', 'gcs', 's3']),
  attributes: connectionAttributes.optional(),
  bigqueryConnection: shownSettings.bigquery.optional(),
  snowflakeConnection: shownSettings.snowflake.optional(),
  postgresConnection: shownSettings.postgres.optional(),
  gcsConnection: shownSettings.gcs.optional(),
  s3Connection: shownSettings.s3.optional(),
});

export const shownDuckdbSettings = z.object({ attachedDatabases: z.array(shownAttachedDatabase).optional() });

/** Credentials are not among the members: they are write-only. */
export const registryConnection = z.object({
  resource: z.string().optional().describe('Its path, if it comes from the configuration file'),
  name: z.string(),
  type: connectionType,
  attributes: connectionAttributes,
  postgresConnection: shownSettings.postgres.optional(),
  bigqueryConnection: shownSettings.bigquery.optional(),
  snowflakeConnection: shownSettings.snowflake.optional(),
  trinoConnection: shownSettings.trino.optional(),
  mysqlConnection: shownSettings.mysql.optional(),
  duckdbConnection: shownDuckdbSettings.optional(),
  motherduckConnection: shownSettings.motherduck.optional(),
});
export type RegistryConnection = z.infer<typeof registryConnection>;

export const registryPackage = z.object({
  resource: z.string(),
  name: z.string(),
  description: z.string().optional().describe('From the manifest publisher.json, unless it was changed here'),
  location: z.string().optional().describe('Where it is loaded from'),
  readme: z.string().optional().describe('Its README.md'),
});
export type RegistryPackage = z.infer<typeof registryPackage>;

export const registryProject = z.object({
  resource: z.string(),
  name: z.string(),
  readme: z.string(),
  location: z.string().describe('The directory on the server that is the project’s own'),
  connections: z.array(registryConnection),
  packages: z.array(registryPackage).describe('Those that could be loaded'),
});
export type RegistryProject = z.infer<typeof registryProject>;

export const registryStatus = z.object({
  timestamp: z.number().describe('Unix time in milliseconds'),
  projects: z.array(registryProject),
  initialized: z.boolean(),
  operationalState: z.enum(['initializing', 'serving', 'draining']),
  frozenConfig: z.boolean().describe('When true, every mutation is refused with 403'),
  loadErrors: z
    .array(
      z.object({
        project: z.string().optional(),
        package: z.string().optional(),
        connection: z.string().optional(),
        message: z.string(),
        at: z.number().describe('Unix time in milliseconds'),
      }),
    )
    .optional()
    .describe('What could not be loaded; absent when everything could'),
  stale: z.literal(true).optional().describe('Present while the registry is unavailable: this is its last known state'),
});
export type RegistryStatus = z.infer<typeof registryStatus>;

export const registryMessage = z.object({ message: z.string() });
export const registryError = z.object({ code: z.int().describe('The HTTP status'), message: z.string() });

/** `POST` and `PATCH` of a project. What stands in it besides is judged by the registry. */
export const projectBody = z.looseObject({
  name: z.string().optional(),
  readme: z.string().optional(),
  connections: z.array(z.looseObject({ name: z.string().optional(), type: connectionType.optional() })).optional(),
  packages: z.array(z.looseObject({ name: z.string().optional(), location: z.string().optional() })).optional(),
});

/** The settings of a type in a PATCH: null removes one. */
const changeOf = (settings: z.ZodObject): z.ZodObject =>
  z.strictObject(
    Object.fromEntries(
      Object.entries(settings.shape).map(([name, schema]) => [name, (schema as z.ZodType).nullable().optional()]),
    ),
  );

export const settingsChanges = {
  postgres: changeOf(configs.postgresConfig),
  bigquery: changeOf(configs.bigqueryConfig),
  snowflake: changeOf(configs.snowflakeConfig),
  trino: changeOf(configs.trinoConfig),
  mysql: changeOf(configs.mysqlConfig),
  duckdb: changeOf(configs.duckdbConfig),
  motherduck: changeOf(configs.motherduckConfig),
};

/**
 * `PATCH` of a connection: what is left out or blank stays, credentials too; what is null is removed. What stands in it besides is judged by
 * the registry.
 */
export const connectionPatch = z.looseObject({
  name: z.string().optional().describe('Cannot be changed'),
  type: connectionType.optional().describe('Cannot be changed'),
  postgresConnection: settingsChanges.postgres.optional(),
  bigqueryConnection: settingsChanges.bigquery.optional(),
  snowflakeConnection: settingsChanges.snowflake.optional(),
  trinoConnection: settingsChanges.trino.optional(),
  mysqlConnection: settingsChanges.mysql.optional(),
  duckdbConnection: settingsChanges.duckdb.optional(),
  motherduckConnection: settingsChanges.motherduck.optional(),
});

/** `POST` of a package. What stands in it besides is judged by the registry. */
export const packageBody = z.looseObject({
  name: z.string(),
  location: z
    .string()
    .optional()
    .describe(
      'A folder, or the https:// address of a git repository; default: the directory of its name in that of the project',
    ),
  description: z.string().optional().describe('Shown instead of that of its manifest'),
});

/** `PATCH` of a package: what is left out or blank stays. */
export const packagePatch = packageBody.partial().extend({
  description: z
    .string()
    .nullable()
    .optional()
    .describe('Shown instead of that of its manifest; null shows that again'),
});

/** `GET /health/liveness` and `GET /health/readiness`. */
export const registryHealth = z.object({ status: z.enum(['UP', 'DOWN']) });
