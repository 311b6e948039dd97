// @ts-check
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { Failure } from '../base/failure.mjs';
import { isAmqpUrl } from '../base/broker-url.mjs';
import { checkout } from '../base/home.mjs';
import { isAddressHere, portFrom } from '../processes/ports.mjs';
import { serviceEnvironment } from './service-environment.mjs';
import { givenByUs } from './service-variables.mjs';

const services = /** @type {const} */ ([
  'gateway',
  'registry',
  'reader-heartbeat',
  'dataplane-control',
  'datasource-sync',
  'journal',
]);
const all = [...services, /** @type {const} */ ('dataplane-agent')];

/** Where these servers are not given, `npm start` makes them, and their URLs are right. */
const madeHere = { DATABASE_URL: 'postgres://127.0.0.1/signalbox', RABBITMQ_URL: 'amqp://127.0.0.1/signalbox' };

/**
 * Reads the configuration of every service as it will read it itself, before any of them is started. Needs the build.
 * @param {{ home: import('../base/home.mjs').Home }} options
 * @throws {Failure} with every problem of all services
 */
export async function checkConfiguration({ home }) {
  /** @type {Map<string, string[]>} the services that have it, by problem */
  const found = new Map();
  for (const problem of await ownProblems()) found.set(problem, []);
  const options = { home, port: portFrom(process.env) ?? 8080, managementPort: 0, initialize: false };
  for (const service of all) {
    const own = service === 'dataplane-agent' ? { SIGNALBOX_DATAPLANE: 'main' } : serviceEnvironment(service, options);
    for (const problem of await problemsOf(service, { ...madeHere, ...given(process.env), ...own }))
      found.set(problem, [...(found.get(problem) ?? []), service]);
  }
  if (found.size === 0) return;
  const lines = [...found].map(([problem, of]) => `  ${problem}${of.length > 0 ? ` (${namesOf(of)})` : ''}`);
  throw new Failure(['the configuration is not valid, so nothing was started:', ...lines].join('\n'), {
    wayOut: 'docs/configuration.md describes every variable.',
  });
}

/** @param {string[]} of */
const namesOf = (of) => (of.length === all.length ? 'all services' : of.join(', '));

/** An empty value counts as not set. @param {NodeJS.ProcessEnv} env */
const given = (env) =>
  Object.fromEntries(Object.entries(env).filter(([name, value]) => value !== '' && !givenByUs.includes(name)));

/**
 * @param {string} service
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string[]>} each with the variable, its value and the expected value
 */
async function problemsOf(service, env) {
  const { readConfig } = await import(pathToFileURL(join(checkout, 'apps', service, 'dist/config.js')).href);
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ConfigError' && 'problems' in error)) throw error;
    return /** @type {string[]} */ (error.problems);
  }
}

/** What no schema of a service knows: the ports and addresses of this machine, and the brokers of readers, agents and consumers. */
async function ownProblems() {
  const problems = [];
  if (portFrom(process.env) === undefined) {
    const name = process.env.SIGNALBOX_PORT ? 'SIGNALBOX_PORT' : 'PORT';
    problems.push(`${name}: got ${JSON.stringify(process.env[name])}; expected a port: 1 to 65535`);
  }
  for (const name of ['HOST', 'SIGNALBOX_MANAGEMENT_HOST']) {
    const host = process.env[name];
    if (host && !(await isAddressHere(host)))
      problems.push(`${name}: got ${JSON.stringify(host)}; expected an address of this machine, or 0.0.0.0 for all`);
  }
  // The samples and the agent get them.
  for (const name of ['READER_RABBITMQ_URL', 'DATAPLANE_RABBITMQ_URL', 'CONSUMER_RABBITMQ_URL']) {
    const url = process.env[name];
    if (url && !isAmqpUrl(url))
      problems.push(`${name}: is set (value not shown); expected a URL that starts with amqp:// or amqps://`);
  }
  return problems;
}
