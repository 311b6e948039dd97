// @ts-check
import { join } from 'node:path';
import { Failure } from '../failure.mjs';
import { allOrFirstFailure } from '../prepare.mjs';
import { Supervised } from '../supervised.mjs';
import { accessOf, choosePorts } from './access.mjs';

/**
 * A private RabbitMQ node and a private Postgres server, both kept running while this run lasts.
 * @param {import('./index.mjs').StartOptions} options
 * @returns {Promise<import('./index.mjs').Infrastructure>}
 */
export async function startLocal({ home, run, progress, signal }) {
  const localInfra = await import('@signalbox/local-infra');
  const access = await accessOf(localInfra, home.credentialsFile);
  const { amqpPort, postgresPort } = await choosePorts(localInfra, home.portsFile);
  const say = (/** @type {string} */ text) => progress.line(text);

  /** @param {string} name @param {(logFile: string) => Promise<import('@signalbox/local-infra').ServerProcess>} start */
  const server = (name, start) => {
    const logFile = home.logFile(name);
    home.rotateLog(name);
    return new Supervised({ name, logFile, run, say, launch: async () => asRunning(await start(logFile)) });
  };
  const rabbitMq = server('rabbitmq', (logFile) =>
    localInfra.startRabbitMq({ home: join(home.path, 'rabbitmq'), logFile, definitions: access.definitions, amqpPort }));
  const postgres = server('postgres', (logFile) =>
    localInfra.startPostgres({ home: join(home.path, 'postgres'), logFile, superuserPassword: access.superuserPassword, port: postgresPort }));

  const stop = async () => {
    await rabbitMq.stop();
    await postgres.stop();
  };
  try {
    await allOrFirstFailure([
      bringUp(progress, 'RabbitMQ', rabbitMq),
      bringUp(progress, 'Postgres', postgres).then(() => access.provision(postgresPort)),
    ]);
    signal.throwIfAborted();
  } catch (error) {
    await stop();
    throw error;
  }
  const kill = () => {
    rabbitMq.kill();
    postgres.kill();
  };
  return { ...access.urls({ amqpPort, postgresPort }), stop, kill };
}

/** @param {import('../progress.mjs').Progress} progress @param {string} title @param {Supervised<void>} server */
async function bringUp(progress, title, server) {
  await progress.step({ doing: `starting ${title}`, done: `${title} is up` }, async () => {
    try {
      await server.start();
    } catch (error) {
      // The library's own failures are complete sentences that end in the way out.
      if (error instanceof Error && 'code' in error) throw new Failure(`${title} did not start: ${error.message}`, { logFile: server.logFile });
      throw error;
    }
  });
}

/** @param {import('@signalbox/local-infra').ServerProcess} server @returns {import('../supervised.mjs').Running<void>} */
function asRunning(server) {
  return { pid: server.pid, ready: Promise.resolve(), exited: server.exited, stop: () => server.stop(), kill: () => server.kill() };
}
