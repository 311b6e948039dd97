import * as registry from '../http/registry.js';
import { connectionTestReply } from '../messages/registry-requests.js';
import { connectionBody, connectionToTest, connectionType } from '../registry/connection.js';
import * as configs from '../registry/connection-configs.js';
import { answered, sent, type Components } from './component.js';

const aConnection: registry.RegistryConnection = {
  resource: '/api/v0/projects/shop/connections/warehouse',
  name: 'warehouse',
  type: 'postgres',
  attributes: { dialectName: 'postgres', isPool: true, canPersist: true, canStream: true },
  postgresConnection: { host: 'db.example.com', port: 5_432, databaseName: 'shop', userName: 'reader' },
};

const aPackage: registry.RegistryPackage = {
  resource: '/api/v0/projects/shop/packages/sales',
  name: 'sales',
  description: 'Orders and revenue',
  location: './sales',
};

const aProject: registry.RegistryProject = {
  resource: '/api/v0/projects/shop',
  name: 'shop',
  readme: '# Shop',
  location: '/srv/signalbox/projects/shop',
  connections: [aConnection],
  packages: [aPackage],
};

/** The settings of each type of connection: as they are shown, sent and changed. */
const settingsComponents: Components = {
  PostgresConnection: answered(registry.shownSettings.postgres),
  BigqueryConnection: answered(registry.shownSettings.bigquery),
  SnowflakeConnection: answered(registry.shownSettings.snowflake),
  TrinoConnection: answered(registry.shownSettings.trino),
  MysqlConnection: answered(registry.shownSettings.mysql),
  DuckdbConnection: answered(registry.shownDuckdbSettings),
  MotherduckConnection: answered(registry.shownSettings.motherduck),
  GcsConnection: answered(registry.shownSettings.gcs),
  S3Connection: answered(registry.shownSettings.s3),
  AttachedDatabase: answered(registry.shownAttachedDatabase),
  PostgresConnectionInput: sent(configs.postgresConfig),
  BigqueryConnectionInput: sent(configs.bigqueryConfig),
  SnowflakeConnectionInput: sent(configs.snowflakeConfig),
  TrinoConnectionInput: sent(configs.trinoConfig),
  MysqlConnectionInput: sent(configs.mysqlConfig),
  DuckdbConnectionInput: sent(configs.duckdbConfig),
  MotherduckConnectionInput: sent(configs.motherduckConfig),
  GcsConnectionInput: sent(configs.gcsConfig),
  S3ConnectionInput: sent(configs.s3Config),
  AttachedDatabaseInput: sent(configs.attachedDatabase),
  PostgresConnectionChange: sent(registry.settingsChanges.postgres),
  BigqueryConnectionChange: sent(registry.settingsChanges.bigquery),
  SnowflakeConnectionChange: sent(registry.settingsChanges.snowflake),
  TrinoConnectionChange: sent(registry.settingsChanges.trino),
  MysqlConnectionChange: sent(registry.settingsChanges.mysql),
  DuckdbConnectionChange: sent(registry.settingsChanges.duckdb),
  MotherduckConnectionChange: sent(registry.settingsChanges.motherduck),
};

/** Projects with their connections and packages. */
export const registryComponents: Components = {
  ConnectionType: answered(connectionType),
  ConnectionAttributes: answered(registry.connectionAttributes),
  Connection: answered(registry.registryConnection, aConnection),
  ConnectionToTest: sent(connectionToTest, {
    type: 'postgres',
    postgresConnection: { host: 'db.example.com', userName: 'reader', password: 'secret' },
  }),
  ConnectionInput: sent(connectionBody, {
    name: 'warehouse',
    type: 'postgres',
    postgresConnection: {
      host: 'db.example.com',
      port: 5_432,
      databaseName: 'shop',
      userName: 'reader',
      password: 'secret',
    },
  }),
  ConnectionChange: sent(registry.connectionPatch, { postgresConnection: { password: 'another' } }),
  ...settingsComponents,
  ConnectionTest: answered(connectionTestReply, { status: 'ok', errorMessage: '' }),
  Package: answered(registry.registryPackage, aPackage),
  PackageInput: sent(registry.packageBody, { name: 'sales', location: './sales' }),
  PackageChange: sent(registry.packagePatch, { description: 'Orders and revenue' }),
  Project: answered(registry.registryProject, aProject),
  ProjectInput: sent(registry.projectBody, { name: 'shop', readme: '# Shop' }),
  RegistryStatus: answered(registry.registryStatus, {
    timestamp: 1_774_688_400_000,
    projects: [aProject],
    initialized: true,
    operationalState: 'serving',
    frozenConfig: false,
  }),
  RegistryHealth: answered(registry.registryHealth, { status: 'UP' }),
  RegistryMessage: answered(registry.registryMessage, { message: 'Connection warehouse was created.' }),
  RegistryError: answered(registry.registryError, { code: 404, message: 'There is no project shop.' }),
};
