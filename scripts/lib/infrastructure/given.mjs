// @ts-check
import { withFirstHost } from '../base/broker-url.mjs';
import { Failure } from '../base/failure.mjs';
import { secretVariable } from '../base/secret-variable.mjs';

/**
 * @typedef {(progress: import('../base/progress.mjs').Progress) => import('./index.mjs').Infrastructure} MakeInfrastructure
 */

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {MakeInfrastructure | undefined} the servers named in the environment, for every service as they are
 * @throws {Failure} when only one of the two is named
 */
export function givenInfrastructure(env) {
  const [DATABASE_URL, RABBITMQ_URL, MIGRATION_DATABASE_URL] = [
    secretVariable(env, 'DATABASE_URL'),
    secretVariable(env, 'RABBITMQ_URL'),
    secretVariable(env, 'MIGRATION_DATABASE_URL'),
  ];
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
      // The examples know one host.
      READER_RABBITMQ_URL: env.READER_RABBITMQ_URL || withFirstHost(RABBITMQ_URL),
      DATAPLANE_RABBITMQ_URL: env.DATAPLANE_RABBITMQ_URL || RABBITMQ_URL,
      CONSUMER_RABBITMQ_URL: env.CONSUMER_RABBITMQ_URL || withFirstHost(RABBITMQ_URL),
    },
    // One user for all proves no sender, and no such broker is prepared by us.
    urlsOf: () => ({ DATABASE_URL, RABBITMQ_URL, BROKER_SENDERS: 'unchecked' }),
    keyUrl: undefined,
    samples: undefined,
    start: async () => {
      progress.line('✓ using the database and the broker given by DATABASE_URL and RABBITMQ_URL');
      if (MIGRATION_DATABASE_URL) await migrateGiven(progress, { MIGRATION_DATABASE_URL, DATABASE_URL });
      else progress.line('  each service migrates its schema itself and owns it: MIGRATION_DATABASE_URL is not set');
    },
    stop: async () => {},
    kill: () => {},
  });
}

/**
 * @param {import('../base/progress.mjs').Progress} progress
 * @param {{ MIGRATION_DATABASE_URL: string, DATABASE_URL: string }} urls
 */
async function migrateGiven(progress, { MIGRATION_DATABASE_URL: url, DATABASE_URL }) {
  const { migrateSchemas } = await import('../../migrate-schemas.mjs');
  await progress.step(
    { doing: 'migrating the schemas', done: 'the schemas are migrated, as the user of MIGRATION_DATABASE_URL' },
    () => migrateSchemas({ url, user: userOf(DATABASE_URL) }),
  );
}

/** @param {string} url */
const userOf = (url) => decodeURIComponent(new URL(url).username);
