// @ts-check
import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

/** @typedef {typeof import('@signalbox/local-infra')} LocalInfra */

/** The broker's user for people and their scripts, with all permissions in our vhost. */
const operator = 'operator';

/**
 * The permissions on servers that we make: a role and a user for each service, all with passwords from one file.
 * @param {LocalInfra} localInfra
 * @param {string} credentialsFile
 */
export async function accessOf(localInfra, credentialsFile) {
  const {
    SIGNALBOX_DATABASE: database,
    SIGNALBOX_VHOST: vhost,
    amqpUrl,
    postgresUrl,
    signalboxRoles,
    signalboxUsers,
  } = localInfra;
  const credentials = await localInfra.loadOrCreateCredentials(credentialsFile);
  // The credentials file holds every password anyway, so one more that is derived from it discloses nothing.
  const operatorPassword = createHmac('sha256', credentials.postgresSuperuser)
    .update('rabbitmq operator')
    .digest('base64url');
  const users = [
    ...signalboxUsers(credentials),
    { name: operator, password: operatorPassword, configure: '.*', write: '.*', read: '.*', tags: ['management'] },
  ];
  const roles = signalboxRoles(credentials);
  return {
    superuserPassword: credentials.postgresSuperuser,
    definitions: localInfra.rabbitMqDefinitions({ vhost, users, policies: localInfra.signalboxPolicies }),
    /** @param {number} postgresPort */
    provision: (postgresPort) =>
      localInfra.provisionPostgres({
        superuserUrl: postgresUrl({
          port: postgresPort,
          user: 'postgres',
          password: credentials.postgresSuperuser,
          database: 'postgres',
        }),
        database,
        services: roles,
      }),
    /** @param {{ amqpPort: number, postgresPort: number }} ports */
    urls: ({ amqpPort, postgresPort }) => {
      /** @param {string} user @param {string} password */
      const broker = (user, password) => amqpUrl({ port: amqpPort, user, password, vhost });
      /** @param {string} user @param {string} password */
      const ours = (user, password) => postgresUrl({ port: postgresPort, user, password, database });
      return {
        connection: {
          DATABASE_URL: ours('postgres', credentials.postgresSuperuser),
          RABBITMQ_URL: broker(operator, operatorPassword),
          READER_RABBITMQ_URL: broker('readers', credentials.amqpUsers.readers),
          DATAPLANE_RABBITMQ_URL: broker('dataplanes', credentials.amqpUsers.dataplanes),
          CONSUMER_RABBITMQ_URL: broker('consumers', credentials.amqpUsers.consumers),
        },
        /** @param {import('./index.mjs').ServiceName} service */
        urlsOf: (service) => ({
          DATABASE_URL: ours(service.replaceAll('-', '_'), credentials.databaseRoles[service]),
          RABBITMQ_URL: broker(service, credentials.amqpUsers[service]),
        }),
      };
    },
  };
}

/**
 * Ports chosen earlier are taken again while they are free, so that the addresses readers were given stay true.
 * @param {LocalInfra} localInfra
 * @param {string} portsFile
 * @returns {Promise<{ amqpPort: number, postgresPort: number }>}
 */
export async function choosePorts({ freePort }, portsFile) {
  const before = earlierPorts(portsFile);
  const amqpPort = await freePort(before.amqpPort ? { prefer: before.amqpPort } : {});
  const postgresPort = await freePort(before.postgresPort ? { prefer: before.postgresPort } : {});
  writeFileSync(portsFile, `${JSON.stringify({ amqpPort, postgresPort })}\n`);
  return { amqpPort, postgresPort };
}

/** @param {string} portsFile @returns {{ amqpPort?: number, postgresPort?: number }} */
function earlierPorts(portsFile) {
  try {
    return JSON.parse(readFileSync(portsFile, 'utf8'));
  } catch {
    return {};
  }
}
