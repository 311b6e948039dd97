// @ts-check
// The secrets of docker-compose.yml: a folder with a file for each. Without dependencies, as `npm run env` runs before anything is installed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const services = ['gateway', 'registry', 'reader-heartbeat', 'dataplane-control', 'datasource-sync', 'journal'];
/** Broker users of programs that do not run in a container. */
const outside = ['readers', 'consumers', 'operator'];

/**
 * `variable`: where release 0.1.0 had the password, in `.env`, if it had it; `contentOf`: what the file holds for a password.
 * @typedef {{ file: string, variable?: string | undefined, contentOf: (password: string, ports: { rabbitmq: string }) => string }} Secret
 */

/** @param {string} name */
const upper = (name) => name.replaceAll('-', '_').toUpperCase();

/** @param {string} service @returns {Secret} */
const database = (service) => ({
  file: `${service}-database-url`,
  variable: `${upper(service)}_DATABASE_PASSWORD`,
  contentOf: (password) => `postgres://${service.replaceAll('-', '_')}:${password}@postgres:5432/signalbox`,
});

/** @param {string} user @returns {Secret} */
const broker = (user) => ({
  file: `${user}-rabbitmq-url`,
  variable: `${upper(user)}_RABBITMQ_PASSWORD`,
  contentOf: (password, { rabbitmq }) =>
    `amqp://${user}:${password}@${outside.includes(user) ? `127.0.0.1:${rabbitmq}` : 'rabbitmq:5672'}/signalbox`,
});

/** @param {string} file @param {string} [variable] @returns {Secret} */
const plain = (file, variable) => ({ file, variable, contentOf: (value) => value });

/** @type {readonly Secret[]} */
export const composeSecrets = [
  plain('postgres-password', 'POSTGRES_PASSWORD'),
  // 32 bytes in base64url each: they encrypt the credentials of connections, and those of datasources.
  plain('secret-keys', 'SIGNALBOX_SECRET_KEYS'),
  plain('datasource-keys'),
  ...services.flatMap((service) => [database(service), broker(service)]),
  ...['dataplanes', ...outside].map(broker),
];

/**
 * Reads the passwords of roles and users from the folder. `report` gets each problem, with the name of the file and without its content.
 * @param {string} folder
 * @param {(problem: string) => void} report
 */
export function passwordsIn(folder, report) {
  /** @param {string} file */
  const content = (file) => {
    try {
      return readFileSync(join(folder, file), 'utf8').trim();
    } catch {
      report(`${join(folder, file)} cannot be read`);
      return undefined;
    }
  };
  /** @param {string} file */
  const passwordOfUrl = (file) => {
    const url = content(file);
    const password = url !== undefined && URL.canParse(url) ? decodeURIComponent(new URL(url).password) : '';
    if (url !== undefined && password === '') report(`${join(folder, file)} holds no URL with a password`);
    return password;
  };
  return {
    postgresSuperuser: content('postgres-password') ?? '',
    /** @template {string} Name @param {readonly Name[]} names @param {'database' | 'rabbitmq'} of */
    passwords: (names, of) =>
      /** @type {Record<Name, string>} */ (
        Object.fromEntries(names.map((name) => [name, passwordOfUrl(`${name}-${of}-url`)]))
      ),
  };
}
