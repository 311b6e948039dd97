// @ts-check
import { readFileSync } from 'node:fs';
import { Failure } from './failure.mjs';

/**
 * The value of a secret variable, or the content of the file that `<name>_FILE` names, as the services read it.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} name
 * @returns {string | undefined}
 * @throws {Failure} where both are set, or the file cannot be read
 */
export function secretVariable(env, name) {
  const [value, file] = [env[name], env[`${name}_FILE`]];
  if (!file) return value || undefined;
  if (value) throw new Failure(`${name} and ${name}_FILE are both set`, { wayOut: 'Set one of the two.' });
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new Failure(`the file ${file} of ${name}_FILE cannot be read`, { cause });
  }
}
