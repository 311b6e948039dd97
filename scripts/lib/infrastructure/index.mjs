// @ts-check
import { dockerIsUsable, startDocker } from './docker.mjs';
import { givenInfrastructure } from './given.mjs';
import { startLocal } from './local.mjs';

/** @typedef {'gateway' | 'registry' | 'reader-heartbeat' | 'dataplane-control' | 'datasource-sync'} ServiceName */
/** @typedef {{ DATABASE_URL: string, RABBITMQ_URL: string }} ServiceUrls */
/** @typedef {ServiceUrls & { READER_RABBITMQ_URL: string, DATAPLANE_RABBITMQ_URL: string }} Connection */

/**
 * A database and a broker, wherever they are.
 * @typedef {{
 *   connection: Connection, urlsOf(service: ServiceName): ServiceUrls, stop(): Promise<void>, kill(): void,
 * }} Infrastructure `connection`: what people and scripts may use; `stop` ends what was started for this run
 */

/**
 * @typedef {{
 *   home: import('../home.mjs').Home, run: import('../run-folder.mjs').RunFolder,
 *   progress: import('../progress.mjs').Progress, signal: AbortSignal,
 * }} StartOptions
 */

/**
 * The first way that is open: given URLs, a Docker engine, servers of our own on this machine.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ needsRabbitMq: boolean, start: (options: StartOptions) => Promise<Infrastructure> }>}
 *   `start` may only be called once the packages are built
 */
export async function chooseInfrastructure(env) {
  const given = givenInfrastructure(env);
  if (given) {
    return {
      needsRabbitMq: false,
      start: async ({ progress }) => {
        progress.line('✓ using the database and the broker given by DATABASE_URL and RABBITMQ_URL');
        return given;
      },
    };
  }
  if (await dockerIsUsable()) return { needsRabbitMq: false, start: startDocker };
  return { needsRabbitMq: true, start: startLocal };
}
