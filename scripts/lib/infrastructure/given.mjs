// @ts-check
import { Failure } from '../base/failure.mjs';

/**
 * @typedef {(progress: import('../base/progress.mjs').Progress) => import('./index.mjs').Infrastructure} MakeInfrastructure
 */

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {MakeInfrastructure | undefined} the servers named in the environment, for every service as they are
 * @throws {Failure} when only one of the two is named
 */
export function givenInfrastructure(env) {
  const { DATABASE_URL, RABBITMQ_URL } = env;
  if (!DATABASE_URL && !RABBITMQ_URL) return undefined;
  if (!DATABASE_URL || !RABBITMQ_URL) {
    const [present, missing] = DATABASE_URL ? ['DATABASE_URL', 'RABBITMQ_URL'] : ['RABBITMQ_URL', 'DATABASE_URL'];
    throw new Failure(`${present} is set and ${missing} is not: the two go together`, {
      wayOut: `Set ${missing} too, or unset ${present} to have both servers made here.`,
    });
  }
  return (progress) => ({
    connection: {
      DATABASE_URL,
      RABBITMQ_URL,
      READER_RABBITMQ_URL: env.READER_RABBITMQ_URL || RABBITMQ_URL,
      DATAPLANE_RABBITMQ_URL: env.DATAPLANE_RABBITMQ_URL || RABBITMQ_URL,
      CONSUMER_RABBITMQ_URL: env.CONSUMER_RABBITMQ_URL || RABBITMQ_URL,
    },
    // One user for all proves no sender, and no such broker is prepared by us.
    urlsOf: () => ({ DATABASE_URL, RABBITMQ_URL, BROKER_SENDERS: 'unchecked' }),
    samples: undefined,
    start: async () => progress.line('✓ using the database and the broker given by DATABASE_URL and RABBITMQ_URL'),
    stop: async () => {},
    kill: () => {},
  });
}
