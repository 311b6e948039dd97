// @ts-check
// The `setup` service of docker-compose.yml: makes the roles and schemas in Postgres, and the file from which RabbitMQ takes its
// users, queues and exchanges. May be run again at any time.
import { renameSync, writeFileSync } from 'node:fs';
import { wholeTopology } from '@signalbox/contracts/messages';
import { brokerSetup } from '@signalbox/contracts/rights';
import {
  AMQP_USERS,
  OWNER_ROLE,
  postgresUrl,
  provisionPostgres,
  SERVICES,
  SIGNALBOX_DATABASE,
  signalboxDefinitions,
  signalboxRoles,
} from '@signalbox/local-infra';
import { passwordsIn } from './compose-secrets.mjs';
import { migrateSchemas } from './migrate-schemas.mjs';

/** @type {string[]} */
const problems = [];

/** @param {string} name */
function required(name) {
  const value = process.env[name];
  if (!value) problems.push(`${name} is not set`);
  return value ?? '';
}

const definitionsFile = required('SIGNALBOX_DEFINITIONS_FILE');
const host = required('POSTGRES_HOST');
const port = Number(required('POSTGRES_PORT'));
const { postgresSuperuser, passwords } = passwordsIn(required('SIGNALBOX_SECRETS'), (problem) =>
  problems.push(problem),
);
const credentials = {
  postgresSuperuser,
  databaseRoles: passwords(SERVICES, 'database'),
  amqpUsers: passwords(AMQP_USERS, 'rabbitmq'),
};

if (problems.length > 0) {
  console.error(
    `The settings are not complete:\n${problems.map((problem) => `  ${problem}\n`).join('')}\`npm run env\` writes what is missing.`,
  );
  process.exit(1);
}

// The containers start at once. Without it an agent that is first finds no queue, and RabbitMQ logs each attempt as an error.
const topology = wholeTopology([process.env.SIGNALBOX_DATAPLANE || 'main']);
const definitions = signalboxDefinitions(credentials, brokerSetup(topology));
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
await migrateSchemas({ url: asSuperuser(SIGNALBOX_DATABASE), owner: OWNER_ROLE });
console.log('Postgres and RabbitMQ are prepared.');
