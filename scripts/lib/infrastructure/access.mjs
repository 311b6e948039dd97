// @ts-check
import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

/** @typedef {typeof import('@signalbox/local-infra')} LocalInfra */
/**
 * `brokerAuthPort`: where the gateway answers the broker; `brokerManagementPort`: of its management API; `endpointPort`: of the sample endpoint.
 * @typedef {Record<(typeof portNames)[number], number>} Ports
 */
const portNames = /** @type {const} */ ([
  'amqpPort',
  'brokerAuthPort',
  'brokerManagementPort',
  'postgresPort',
  'endpointPort',
]);

/**
 * The permissions on servers that we make: a role and a user for each service, all with passwords from one file.
 * @param {LocalInfra} localInfra
 * @param {string} credentialsFile
 */
export async function accessOf(localInfra, credentialsFile) {
  const { SIGNALBOX_DATABASE: database, SIGNALBOX_VHOST: vhost, amqpUrl, postgresUrl, signalboxRoles } = localInfra;
  // Loaded here, because it is built after this module is loaded.
  const { brokerSetup } = await import('@signalbox/contracts/rights');
  const credentials = await localInfra.loadOrCreateCredentials(credentialsFile);
  // The credentials file holds every password anyway, so those that are derived from it disclose nothing.
  /** @param {string} purpose */
  const secretFor = (purpose) =>
    createHmac('sha256', credentials.postgresSuperuser).update(purpose).digest('base64url');
  const roles = signalboxRoles(credentials);
  return {
    superuserPassword: credentials.postgresSuperuser,
    definitions: localInfra.signalboxDefinitions(credentials, brokerSetup()),
    /** @param {number} postgresPort */
    provision: async (postgresPort) => {
      /** @param {string} of */
      const asSuperuser = (of) =>
        postgresUrl({ port: postgresPort, user: 'postgres', password: credentials.postgresSuperuser, database: of });
      await localInfra.provisionPostgres({ superuserUrl: asSuperuser('postgres'), database, services: roles });
      const { migrateSchemas } = await import('../../migrate-schemas.mjs');
      await migrateSchemas({ url: asSuperuser(database), owner: localInfra.OWNER_ROLE });
    },
    /**
     * @param {Ports} ports
     * @param {{ keysLogIn: boolean }} broker whether it asks the gateway about API keys
     * @returns {Omit<import('./index.mjs').Infrastructure, 'start' | 'stop' | 'kill'>}
     */
    urls: ({ amqpPort, brokerAuthPort, brokerManagementPort, postgresPort, endpointPort }, { keysLogIn }) => {
      /** @param {string} user @param {string} password */
      const broker = (user, password) => amqpUrl({ port: amqpPort, user, password, vhost });
      /** @param {string} user @param {string} password */
      const ours = (user, password) => postgresUrl({ port: postgresPort, user, password, database });
      return {
        connection: {
          DATABASE_URL: ours('postgres', credentials.postgresSuperuser),
          RABBITMQ_URL: broker('operator', credentials.amqpUsers.operator),
          READER_RABBITMQ_URL: broker('readers', credentials.amqpUsers.readers),
          DATAPLANE_RABBITMQ_URL: broker('dataplanes', credentials.amqpUsers.dataplanes),
          CONSUMER_RABBITMQ_URL: broker('consumers', credentials.amqpUsers.consumers),
        },
        keyUrl: keysLogIn ? ({ id, key }) => broker(id, key) : undefined,
        samples: {
          postgresPort,
          endpointPort,
          superuserUrl: ours('postgres', credentials.postgresSuperuser),
          secretFor,
        },
        /** @param {import('./index.mjs').ServiceName} service */
        urlsOf: (service) => ({
          DATABASE_URL: ours(localInfra.roleOf(service), credentials.databaseRoles[service]),
          RABBITMQ_URL: broker(service, credentials.amqpUsers[service]),
          BROKER_SENDERS: /** @type {const} */ ('checked'),
          ...(keysLogIn &&
            service === 'gateway' && {
              SIGNALBOX_BROKER_AUTH_HOST: '127.0.0.1',
              SIGNALBOX_BROKER_AUTH_PORT: String(brokerAuthPort),
              SIGNALBOX_BROKER_MANAGEMENT_URL: `http://127.0.0.1:${brokerManagementPort}`,
            }),
        }),
      };
    },
  };
}

/**
 * Ports chosen earlier are taken again while they are free, so that the addresses that readers and datasources were given stay true.
 * @param {LocalInfra} localInfra
 * @param {string} portsFile
 * @returns {Promise<Ports>}
 */
export async function choosePorts({ freePort }, portsFile) {
  const before = earlierPorts(portsFile);
  const ports = /** @type {Ports} */ ({});
  for (const name of portNames) {
    const earlier = before[name];
    ports[name] = await freePort(earlier ? { prefer: earlier } : {});
  }
  writeFileSync(portsFile, `${JSON.stringify(ports)}\n`);
  return ports;
}

/** @param {string} portsFile @returns {Partial<Ports>} */
function earlierPorts(portsFile) {
  try {
    return JSON.parse(readFileSync(portsFile, 'utf8'));
  } catch {
    return {};
  }
}
