// @ts-check
import { dockerInfrastructure, dockerIsUsable } from './docker.mjs';
import { givenInfrastructure } from './given.mjs';
import { localInfrastructure } from './local.mjs';

/** @typedef {import('@signalbox/local-infra').ServiceName} ServiceName */
/**
 * What one service is given. Only the gateway has the variables of API keys as logins at the broker.
 * @typedef {{
 *   DATABASE_URL: string, RABBITMQ_URL: string, BROKER_SENDERS: 'checked' | 'unchecked',
 *   SIGNALBOX_BROKER_AUTH_HOST?: string, SIGNALBOX_BROKER_AUTH_PORT?: string, SIGNALBOX_BROKER_MANAGEMENT_URL?: string,
 * }} ServiceUrls
 */
/** @typedef {{ DATABASE_URL: string, RABBITMQ_URL: string, READER_RABBITMQ_URL: string, DATAPLANE_RABBITMQ_URL: string, CONSUMER_RABBITMQ_URL: string }} Connection */

/**
 * What the sample datasources need of a server that is ours. `endpointPort`: free, and the same at each start; `secretFor`: a password,
 * the same at each start.
 * @typedef {{
 *   postgresPort: number, endpointPort: number, superuserUrl: string, secretFor: (purpose: string) => string,
 * }} ForSamples
 */

/**
 * A database and a broker, wherever they are. `connection`: what people and scripts may use; `urlsOf`: what one service uses;
 * `keyUrl`: the URL with which an API key logs in to the broker,
 * undefined where none does; `samples`: undefined where the servers are not ours; `stop` ends what was started for this run, also in the middle of a start; `kill` does so at once.
 * @typedef {{
 *   connection: Connection, urlsOf(service: ServiceName): ServiceUrls,
 *   keyUrl: ((key: { id: string, key: string }) => string) | undefined, samples: ForSamples | undefined,
 *   start(): Promise<void>, stop(): Promise<void>, kill(): void,
 * }} Infrastructure
 */

/**
 * @typedef {{
 *   home: import('../base/home.mjs').Home, run: import('../processes/run-folder.mjs').RunFolder,
 *   progress: import('../base/progress.mjs').Progress, signal: AbortSignal,
 * }} Surroundings
 */

/**
 * The first way that is open: given URLs, a Docker engine, servers of our own on this machine.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ needsRabbitMq: boolean, create: (surroundings: Surroundings) => Promise<Infrastructure> }>}
 *   `create` may only be called once the packages are built
 */
export async function chooseInfrastructure(env) {
  const given = givenInfrastructure(env);
  if (given) return { needsRabbitMq: false, create: async ({ progress }) => given(progress) };
  if (await dockerIsUsable()) return { needsRabbitMq: false, create: dockerInfrastructure };
  return { needsRabbitMq: true, create: localInfrastructure };
}
