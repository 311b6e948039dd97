// @ts-check
// The `setup` service of docker-compose.yml: makes the roles and schemas in Postgres, and the file from which RabbitMQ takes its
// users, queues and exchanges. May be run again at any time.
import { renameSync, writeFileSync } from 'node:fs';
import { wholeTopology } from '@signalbox/contracts/messages';
import {
  AMQP_USERS,
  postgresUrl,
  provisionPostgres,
  SERVICES,
  SIGNALBOX_DATABASE,
  signalboxDefinitions,
  signalboxRoles,
} from '@signalbox/local-infra';
import { migrateSchemas } from './migrate-schemas.mjs';

/** @type {string[]} */
const problems = [];

/** @param {string} name */
function required(name) {
  const value = process.env[name];
  if (!value) problems.push(`${name} is not set`);
  return value ?? '';
}

/** @param {string} name */
function password(name) {
  const value = required(name);
  // The services get it inside a URL that docker-compose.yml puts together.
  if (/[^A-Za-z0-9_-]/.test(value)) problems.push(`${name} may hold letters, digits, - and _ only`);
  return value;
}

/** @template {string} Name @param {readonly Name[]} names @param {string} of */
function passwords(names, of) {
  const entries = names.map((name) => [name, password(`${name.replaceAll('-', '_').toUpperCase()}_${of}_PASSWORD`)]);
  return /** @type {Record<Name, string>} */ (Object.fromEntries(entries));
}

const definitionsFile = required('SIGNALBOX_DEFINITIONS_FILE');
const host = required('POSTGRES_HOST');
const port = Number(required('POSTGRES_PORT'));
const credentials = {
  postgresSuperuser: password('POSTGRES_PASSWORD'),
  databaseRoles: passwords(SERVICES, 'DATABASE'),
  amqpUsers: passwords(AMQP_USERS, 'RABBITMQ'),
};

if (problems.length > 0) {
  console.error(
    `The settings are not complete:\n${problems.map((problem) => `  ${problem}\n`).join('')}\`npm run env\` writes a complete .env.`,
  );
  process.exit(1);
}

// The containers start at once. Without it an agent that is first finds no queue, and RabbitMQ logs each attempt as an error.
const definitions = signalboxDefinitions(credentials, wholeTopology([process.env.SIGNALBOX_DATAPLANE || 'main']));
// Readable by RabbitMQ's own user: it holds hashes of passwords, not passwords.
writeFileSync(`${definitionsFile}.new`, JSON.stringify(definitions, undefined, 2), { mode: 0o644 });
renameSync(`${definitionsFile}.new`, definitionsFile);

/** @param {string} database */
const asSuperuser = (database) =>
  postgresUrl({ host, port, user: 'postgres', password: credentials.postgresSuperuser, database });

await provisionPostgres({
  superuserUrl: asSuperuser('postgres'),
  database: SIGNALBOX_DATABASE,
  services: signalboxRoles(credentials),
});
await migrateSchemas(asSuperuser(SIGNALBOX_DATABASE));
console.log('Postgres and RabbitMQ are prepared.');
