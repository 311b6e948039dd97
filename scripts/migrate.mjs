// @ts-check
import { describeFailure, Failure } from './lib/base/failure.mjs';
import { readOptions } from './lib/base/options.mjs';
import { secretVariable } from './lib/base/secret-variable.mjs';

readOptions(`npm run migrate: migrates the schemas of all services with a role that owns them, and gives the role of the services its rights.

  MIGRATION_DATABASE_URL  the database, with the role that owns the schemas
  DATABASE_URL            the database, with the role that all services use

npm start does it by itself. Stop all services first. The packages must be built.
`);

/** @param {string} name */
function required(name) {
  const value = secretVariable(process.env, name);
  if (value === undefined)
    throw new Failure(`${name} is not set`, { wayOut: '`npm run migrate -- --help` says what it is.' });
  return value;
}

try {
  const url = required('MIGRATION_DATABASE_URL');
  const user = decodeURIComponent(new URL(required('DATABASE_URL')).username);
  // Needs the build.
  const { migrateSchemas } = await import('./migrate-schemas.mjs');
  await migrateSchemas({ url, user });
  console.log('All schemas are current.');
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}
