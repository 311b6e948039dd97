import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkout } from '../support/script-run.js';

const service = `
import http from 'node:http';
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
http.createServer().listen(0, '127.0.0.1', () => process.send({ type: 'ready', managementPort: 1 }));
`;

const gateway = `
import http from 'node:http';
import fs from 'node:fs';
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
console.log(...process.execArgv);
fs.writeFileSync(process.env.SIGNALBOX_ADMIN_KEY_FILE, 'sk_test', { mode: 0o600 });
const runFolder = new URL('run/', 'file://' + process.env.SIGNALBOX_ADMIN_KEY_FILE);
const reader = (id) => ({ pids: [Number(fs.readFileSync(new URL('reader-' + id + '.pid', runFolder), 'utf8'))] });
const live = () => ({ 'sample-llama-0': reader('sample-llama-0'), 'sample-embed-0': reader('sample-embed-0') });
const active = ['direct', 'endpoint'].map((connection) => ({ connection, status: 'active' }));
const status = () => {
  try {
    // The registry of this checkout cannot read any other file than its example.
    const file = process.env.SIGNALBOX_CONFIG_FILE;
    const registry = { operationalState: 'serving', frozenConfig: Boolean(file), loadErrors: file ? [{ message: 'It cannot be read.' }] : [] };
    return JSON.stringify({ status: { live_readers: live() }, dataplane_healthcheck: {}, data: active, ...registry });
  } catch {
    return '{}';
  }
};
const port = Number(process.env.PORT);
http.createServer((request, response) => response.end(status())).listen(port, '127.0.0.1', () => process.send({ type: 'ready', managementPort: 1, port }));
`;

/** As the real one does, it removes its pid file when it ends. */
const sampleReader = `
import fs from 'node:fs';
const file = process.env.SIGNALBOX_HOME + '/run/reader-' + process.argv[2] + '.pid';
process.on('SIGTERM', () => process.exit(0));
process.on('exit', () => fs.rmSync(file, { force: true }));
setInterval(() => {}, 1000);
`;

const idle = `
process.on('SIGTERM', () => process.exit(0));
setInterval(() => {}, 1000);
`;

const endpoint = `
import http from 'node:http';
process.on('SIGTERM', () => process.exit(0));
http.createServer((request, response) => response.end()).listen(Number(process.env.PORT), '127.0.0.1');
`;

/** As much of the library as is used beside containers. */
const localInfra = `
import { once } from 'node:events';
import { createServer } from 'node:net';
export const [SIGNALBOX_VHOST, SIGNALBOX_DATABASE, OWNER_ROLE] = ['signalbox', 'signalbox', 'owner'];
export const loadOrCreateCredentials = async () => ({ postgresSuperuser: 'secret', databaseRoles: {}, amqpUsers: { operator: 'o', readers: 'r', dataplanes: 'd', consumers: 'c' } });
export const signalboxDefinitions = ({ amqpUsers }) => ({ users: Object.keys(amqpUsers).map((name) => ({ name })) });
export const signalboxRoles = () => [];
export const roleOf = (service) => service;
export const amqpUrl = ({ port, user }) => \`amqp://\${user}@127.0.0.1:\${port}\`;
export const postgresUrl = ({ port, user }) => \`postgres://\${user}@127.0.0.1:\${port}\`;
export const provisionPostgres = async ({ superuserUrl }) => console.log('provisioned', superuserUrl);
export const freePort = async ({ prefer } = {}) => {
  if (prefer) return prefer;
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
};
export const findRunningServer = () => undefined;
`;

/** Checks one variable, as the real ones check theirs. */
const config = `
class ConfigError extends Error {
  name = 'ConfigError';
  problems = ['LOG_LEVEL: got "' + this.message + '"; expected one of info, warn'];
}
export const configSchema = ['LOG_LEVEL', 'PORT', 'HOST', 'SIGNALBOX_ADMIN_KEY_FILE', 'SIGNALBOX_CONFIG_FILE', 'SIGNALBOX_AGENT_DATABASE_URL'];
export const readConfig = ({ LOG_LEVEL }) => {
  if (LOG_LEVEL && !['info', 'warn'].includes(LOG_LEVEL)) throw new ConfigError(LOG_LEVEL);
};
`;

/** A schema is a list of names here. */
const platform = `
export const envVariables = (names) => names.map((name) => ({ name, secret: name.endsWith('_URL') }));
export const fileVariable = (name) => name + '_FILE';
`;

const otherServices = ['registry', 'reader-heartbeat', 'dataplane-control', 'datasource-sync', 'journal'];

/**
 * A checkout in a temporary folder with the real scripts, in which everything they start is a few lines long: no packages to
 * install, a build that does nothing, services that are ready at once.
 */
export class SmallCheckout {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-scripts-')));
  readonly home = join(this.path, '.signalbox');

  constructor() {
    cpSync(join(checkout, 'scripts'), join(this.path, 'scripts'), { recursive: true });
    this.write('package.json', JSON.stringify({ name: 'small', type: 'module' }));
    this.write('package-lock.json', JSON.stringify({ packages: {} }));
    this.write('node_modules/.package-lock.json', JSON.stringify({ packages: {} }));
    this.write('node_modules/typescript/bin/tsc', '');
    this.write('scripts/bundle.mjs', '');
    this.write('scripts/migrate-schemas.mjs', 'export const migrateSchemas = async () => {};');
    this.write('apps/gateway/bundle/main.js', gateway);
    for (const name of otherServices) this.write(`apps/${name}/bundle/main.js`, service);
    for (const name of ['gateway', 'dataplane-agent', ...otherServices])
      this.write(`apps/${name}/dist/config.js`, config);
    this.write('apps/dataplane-agent/bundle/main.js', idle);
    this.addPackage('platform', platform);
    this.write('examples/reader.mjs', sampleReader);
    this.write('examples/shop/setup.mjs', '');
    this.write('examples/shop/writer.mjs', idle);
    this.write('examples/endpoint/endpoint.mjs', endpoint);
  }

  write(file: string, text: string, mode?: number): void {
    const path = join(this.path, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, mode === undefined ? {} : { mode });
  }

  /** A Docker engine that claims to run and only records its calls, one a line. */
  addDocker(): void {
    this.write('docker-compose.yml', '');
    this.write(
      'bin/docker',
      `#!/bin/sh\necho "docker $* ($SIGNALBOX_DEFINITIONS $RABBITMQ_PORT $POSTGRES_PORT)" >> ${this.path}/docker-calls\necho 27.0\n`,
      0o755,
    );
    this.addPackage('local-infra', localInfra);
    this.write(
      'node_modules/@signalbox/contracts/package.json',
      JSON.stringify({ type: 'module', exports: { './rights': './rights.js' } }),
    );
    this.write('node_modules/@signalbox/contracts/rights.js', 'export const brokerSetup = () => ({});\n');
  }

  private addPackage(name: string, text: string): void {
    const folder = `node_modules/@signalbox/${name}`;
    this.write(`${folder}/package.json`, JSON.stringify({ type: 'module', exports: './index.js' }));
    this.write(`${folder}/index.js`, text);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
