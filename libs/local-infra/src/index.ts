export { LocalInfraError, type LocalInfraErrorCode } from './local-infra.error.js';
export { startPostgres, type PostgresOptions, type PostgresServer } from './postgres/start-postgres.js';
export { provisionPostgres, type ProvisionOptions, type ServiceRole } from './postgres/provision-postgres.js';
export { freePort, isPortFree } from './processes/ports.js';
export { describeProcess, type ProcessIdentity } from './processes/process-identity.js';
export { findRunningServer, killServerIn } from './processes/server-home.js';
export type { ProcessExit, ServerProcess } from './processes/server-process.js';
export { stopProcess, type StopOptions } from './processes/stop-process.js';
export type { OnProgress } from './progress.js';
export {
  rabbitMqDefinitions,
  type QueuePolicy,
  type RabbitMqDefinitions,
  type RabbitMqUser,
  type TopicPermission,
} from './rabbitmq/definitions.js';
export { findRabbitMq, type RabbitMqInstallation } from './rabbitmq/find-rabbitmq.js';
export { CLOSING_SETTINGS, KEY_LOGIN_PLUGINS, keyLoginSettings, type KeyLogin } from './rabbitmq/key-login.js';
export { CHANNEL_MAX, MAX_MESSAGE_BYTES, requireUsableHome } from './rabbitmq/node-files.js';
export {
  startRabbitMqCluster,
  type RabbitMqCluster,
  type RabbitMqClusterOptions,
} from './rabbitmq/rabbitmq-cluster.js';
export { controlRabbitMq } from './rabbitmq/rabbitmqctl.js';
export { startRabbitMq, type RabbitMqNode, type RabbitMqOptions } from './rabbitmq/start-rabbitmq.js';
export { loadOrCreateCredentials, type Credentials } from './signalbox/credentials.js';
export {
  AMQP_USERS,
  SERVICES,
  OWNER_ROLE,
  SIGNALBOX_DATABASE,
  SIGNALBOX_VHOST,
  roleOf,
  type AmqpUserName,
  type ServiceName,
} from './signalbox/names.js';
export { signalboxDefinitions, type BrokerSetup } from './signalbox/signalbox-definitions.js';
export { signalboxRoles } from './signalbox/signalbox-roles.js';
export { amqpUrl, postgresUrl, type AmqpAddress, type PostgresAddress } from './urls.js';
export { scramVerifier } from './postgres/scram.js';
