import { fail } from './options.mjs';

/**
 * The URL of a Postgres database from the environment. Ends the example where it is none.
 * @param {string} name of the variable
 */
export function postgresUrl(name) {
  const url = process.env[name];
  // Its value is not quoted: it may contain a password.
  if (!/^postgres(ql)?:\/\//.test(url ?? '') || !URL.canParse(url))
    fail(`${name}: expected a URL that starts with postgres:// or postgresql://.`);
  return url;
}
