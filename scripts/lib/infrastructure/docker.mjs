// @ts-check
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../processes/command.mjs';
import { checkout } from '../base/home.mjs';
import { accessOf, choosePorts } from './access.mjs';

/** An engine that does not answer in this time is not one we wait for. */
const answerWithinMs = 3_000;
const composeFile = join(checkout, 'docker-compose.yml');
const startFile = join(checkout, 'deploy/docker-compose.start.yml');

/** @returns {Promise<boolean>} whether a Docker engine runs here and compose is there */
export async function dockerIsUsable() {
  if (!existsSync(composeFile)) return false;
  return (await answers('info', '--format', '{{.ServerVersion}}')) && answers('compose', 'version');
}

/** @param {string[]} args @returns {Promise<boolean>} */
function answers(...args) {
  return new Promise((resolve) => {
    execFile('docker', args, { timeout: answerWithinMs, killSignal: 'SIGKILL' }, (error, output) =>
      resolve(!error && output.trim() !== ''),
    );
  });
}

/**
 * RabbitMQ and Postgres in containers of a compose project that belongs to this home.
 * @param {import('./index.mjs').Surroundings} surroundings
 * @returns {Promise<import('./index.mjs').Infrastructure>}
 */
export async function dockerInfrastructure({ home, progress, signal }) {
  const localInfra = await import('@signalbox/local-infra');
  const access = await accessOf(localInfra, home.credentialsFile);
  const ports = await choosePorts(localInfra, home.portsFile);
  const definitionsFolder = join(home.path, 'docker');
  mkdirSync(definitionsFolder, { recursive: true });
  writeFileSync(join(definitionsFolder, 'definitions.json'), JSON.stringify(access.definitions, null, 2));
  const secretsFolder = join(definitionsFolder, 'secrets');
  mkdirSync(secretsFolder, { recursive: true });
  // Users in containers must be able to read it. Here only the owner can enter the home.
  writeFileSync(join(secretsFolder, 'postgres-password'), access.superuserPassword);
  const env = {
    ...process.env,
    SIGNALBOX_DEFINITIONS: definitionsFolder,
    SIGNALBOX_SECRETS: secretsFolder,
    RABBITMQ_PORT: String(ports.amqpPort),
    POSTGRES_PORT: String(ports.postgresPort),
  };
  const up = () =>
    runCommand(compose(home, 'up', '-d', '--wait', '--no-deps', 'rabbitmq', 'postgres'), {
      doing: 'docker compose up',
      logFile: home.logFile('docker'),
      signal,
      env,
      wayOut: 'Or stop Docker to have both servers made without it.',
    });
  return {
    // The broker in its container does not reach a gateway that listens on 127.0.0.1 here.
    ...access.urls(ports, { keysLogIn: false }),
    start: async () => {
      writeFileSync(markerOf(home), projectOf(home));
      await progress.step(
        { doing: 'starting RabbitMQ and Postgres in Docker', done: 'RabbitMQ and Postgres are up in Docker' },
        up,
      );
      await access.provision(ports.postgresPort);
    },
    stop: () => stopContainers(home),
    kill: () => {},
  };
}

/** Stops the containers that a run of this home started, if there are any. @param {import('../base/home.mjs').Home} home */
export async function stopContainers(home) {
  if (!existsSync(markerOf(home))) return;
  const unused = {
    SIGNALBOX_DEFINITIONS: home.path,
    SIGNALBOX_SECRETS: home.path,
    RABBITMQ_PORT: '0',
    POSTGRES_PORT: '0',
  };
  await runCommand(compose(home, 'stop', 'rabbitmq', 'postgres'), {
    doing: 'docker compose stop',
    logFile: home.logFile('docker'),
    append: true,
    env: { ...process.env, ...unused },
  });
  rmSync(markerOf(home), { force: true });
}

/** @param {import('../base/home.mjs').Home} home @param {string[]} args @returns {[string, ...string[]]} */
function compose(home, ...args) {
  return ['docker', 'compose', '-p', projectOf(home), '-f', composeFile, '-f', startFile, ...args];
}

/** @param {import('../base/home.mjs').Home} home */
function projectOf(home) {
  return `signalbox-${createHash('sha256').update(home.path).digest('hex').slice(0, 8)}`;
}

/** @param {import('../base/home.mjs').Home} home */
function markerOf(home) {
  return join(home.runFolder, 'docker.project');
}
