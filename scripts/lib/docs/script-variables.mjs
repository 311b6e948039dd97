// @ts-check
/**
 * Variables that no service's schema has: those of the scripts, of the examples and of docker-compose.yml.
 * @typedef {{ name: string, values: string, default?: string, meaning: string }} ScriptVariable
 */

/** `npm start`, `npm stop`, `npm run dead-letters`, `npm run reader` and the examples. @type {ScriptVariable[]} */
export const scriptVariables = [
  {
    name: 'SIGNALBOX_HOME',
    values: 'path',
    default: '`.signalbox` in the checkout',
    meaning:
      'The folder of keys, ports, process ids, logs and data. `npm stop`, `npm run dead-letters`, `npm run logs`, `npm run topology` and `npm run reader` read it too.',
  },
  {
    name: 'DATABASE_URL',
    values: 'URL that starts with postgres:// or postgresql://',
    meaning:
      'Postgres to use instead of one that `npm start` starts. Needs `RABBITMQ_URL`. All services get it as it is.',
  },
  {
    name: 'MIGRATION_DATABASE_URL',
    values: 'URL that starts with postgres:// or postgresql://',
    meaning:
      'The database of `DATABASE_URL`, with the role that is to own what is in it. `npm start` migrates all schemas with it, and no service gets it. Without it each service migrates its schema with `DATABASE_URL`, and owns it.',
  },
  {
    name: 'RABBITMQ_URL',
    values: 'URL that starts with amqp:// or amqps://',
    meaning:
      'RabbitMQ to use instead of one that `npm start` starts. Needs `DATABASE_URL`. It may name the nodes of a cluster, separated by commas. `npm run dead-letters` and `npm run topology` read it too.',
  },
  {
    name: 'READER_RABBITMQ_URL',
    values: 'URL that starts with amqp:// or amqps://',
    default: '`RABBITMQ_URL` with its first host, or in `connection.env`',
    meaning:
      'RabbitMQ for model readers: the sample readers, `npm run reader`, `signalbox-reader`, `examples/reader.py`, `examples/model-reader.mjs` and `.py`. One host. For `signalbox-reader` also `READER_RABBITMQ_URL_FILE`; its other variables are in `signalbox-reader --help`.',
  },
  {
    name: 'DATAPLANE_RABBITMQ_URL',
    values: 'URL that starts with amqp:// or amqps://',
    default: '`RABBITMQ_URL`, or in `connection.env`',
    meaning:
      'RabbitMQ for dataplane agents: `examples/dataplane-agent.py`, and the agent that `npm start` starts, which gets it as its `RABBITMQ_URL`.',
  },
  {
    name: 'CONSUMER_RABBITMQ_URL',
    values: 'URL that starts with amqp:// or amqps://',
    default: '`RABBITMQ_URL` with its first host, or in `connection.env`',
    meaning: 'RabbitMQ for consumers of changes: `npm run changes`, `examples/changes-consumer.py`. One host.',
  },
  {
    name: 'SHOP_URL',
    values: 'URL that starts with postgres:// or postgresql://',
    meaning:
      'The database of the sample shop, as its owner. Required by `examples/shop/writer.mjs` and `examples/endpoint/endpoint.mjs`; `npm start` sets it.',
  },
  {
    name: 'ENDPOINT_SIGNING_KEY',
    values: 'text',
    meaning:
      'The key with which the sample endpoint verifies requests. Required by `examples/endpoint/endpoint.mjs`, which listens on `PORT` (4000); `npm start` sets both.',
  },
  {
    name: 'SHOP_ADMIN_URL',
    values: 'URL that starts with postgres:// or postgresql://',
    meaning:
      'A superuser of the server on which `examples/shop/setup.mjs` makes the sample shop. Required there; `npm start` sets it.',
  },
  {
    name: 'SHOP_PASSWORD',
    values: 'text',
    meaning: 'The password of the role `shop`, for `examples/shop/setup.mjs`. Required there; `npm start` sets it.',
  },
  {
    name: 'SHOP_REPLICATOR_PASSWORD',
    values: 'text',
    meaning:
      'The password of the role `shop_replicator`, for `examples/shop/setup.mjs`. Required there; `npm start` sets it.',
  },
  {
    name: 'SHOP_READER_PASSWORD',
    values: 'text',
    meaning:
      'The password of the role `shop_reader`, which may only read, for `examples/shop/setup.mjs`. Required there; `npm start` sets it.',
  },
];

/** Defaults of services that `npm start` replaces. @type {{ name: string, service: string, default: string }[]} */
export const startDefaults = [
  {
    name: 'SIGNALBOX_MANAGEMENT_PORT',
    service: 'gateway',
    default:
      '3001, or any free port where 3001 is in use; with `SIGNALBOX_KEYLESS_MANAGEMENT` always the port after `PORT`',
  },
  { name: 'SIGNALBOX_MANAGEMENT_PORT', service: 'all others', default: 'always any free port' },
  { name: 'SIGNALBOX_ADMIN_KEY_FILE', service: 'gateway', default: 'always `admin.key` in `SIGNALBOX_HOME`' },
  { name: 'SIGNALBOX_CONFIG_FILE', service: 'registry', default: '`examples/signalbox.config.json`' },
  { name: 'SIGNALBOX_INITIALIZE', service: 'registry', default: 'always `false`; `true` with `npm start -- --init`' },
  { name: 'SIGNALBOX_REGISTRY_DATA', service: 'registry', default: '`registry` in `SIGNALBOX_HOME`' },
  {
    name: 'SIGNALBOX_SECRET_KEYS_FILE',
    service: 'registry, datasource-sync',
    default: '`secret.keys` or `datasource-secret.keys` in `SIGNALBOX_HOME`, which is created where it is missing',
  },
  { name: 'SIGNALBOX_ALLOW_LOOPBACK_TARGETS', service: 'registry, datasource-sync', default: '`true`' },
  { name: 'SIGNALBOX_DATAPLANE', service: 'dataplane-agent', default: 'always `main`' },
  { name: 'SIGNALBOX_AGENT_FILES', service: 'dataplane-agent', default: 'the checkout' },
  {
    name: 'SIGNALBOX_AGENT_DATABASE_URL',
    service: 'dataplane-agent',
    default: 'the sample shop, with a role that may only read; none where `DATABASE_URL` is given',
  },
];

/** What docker-compose.yml reads from `.env` beside the variables of the services. @type {ScriptVariable[]} */
export const composeVariables = [
  {
    name: 'SIGNALBOX_SECRETS',
    values: 'path of a folder',
    default: '`.secrets`, which `npm run env` fills with random passwords',
    meaning:
      'The secrets, a file each: `postgres-password` (set when the database is created; a later change here does not change it there), `secret-keys` and `datasource-keys` (`SIGNALBOX_SECRET_KEYS` of registry and of datasource-sync), `<service>-database-url`, and `<user>-rabbitmq-url` of each service and of `dataplanes`, `readers`, `consumers` and `operator`. Passwords are letters, digits, - and _. In the container `setup` it is where they are mounted.',
  },
  {
    name: 'RABBITMQ_PORT',
    values: 'port',
    default: '5672',
    meaning: 'The port of RabbitMQ on 127.0.0.1.',
  },
  {
    name: 'POSTGRES_PORT',
    values: 'port',
    meaning:
      'The port of Postgres on 127.0.0.1, in `deploy/docker-compose.start.yml`. Only `npm start` sets it. The container `setup` reads it too, with `POSTGRES_HOST`.',
  },
  {
    name: 'SIGNALBOX_DEFINITIONS',
    values: 'path of a folder',
    default: 'a volume that `setup` fills',
    meaning: 'Where RabbitMQ finds `definitions.json`. Only `npm start` sets it.',
  },
  {
    name: 'SIGNALBOX_DEFINITIONS_FILE',
    values: 'path',
    meaning: 'Where the container `setup` writes `definitions.json`. docker-compose.yml sets it.',
  },
];
