import * as registry from '../http/registry.js';
import { connectionTestReply } from '../messages/registry-requests.js';
import { connection, connectionToTest, connectionType } from '../registry/connection.js';
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

/** Projects with their connections and packages. */
export const registryComponents: Components = {
  ConnectionType: answered(connectionType),
  ConnectionAttributes: answered(registry.connectionAttributes),
  Connection: answered(registry.registryConnection, aConnection),
  ConnectionToTest: sent(connectionToTest, {
    type: 'postgres',
    postgresConnection: { host: 'db.example.com', userName: 'reader', password: 'secret' },
  }),
  ConnectionInput: sent(connection, {
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
