// @ts-check
import { join } from 'node:path';
import { Failure } from '../base/failure.mjs';
import { allOrFirstFailure } from '../base/all-or-first-failure.mjs';
import { Supervised } from '../processes/supervised.mjs';
import { accessOf, choosePorts } from './access.mjs';
import { stopServersIn } from './stop-servers.mjs';

/** @typedef {import('@signalbox/local-infra').ServerProcess} ServerProcess */
/** @typedef {{ title: string, supervised: Supervised<void> }} Server */

/**
 * A private RabbitMQ node and a private Postgres server, both kept running while this run lasts.
 * @param {import('./index.mjs').Surroundings} surroundings
 * @returns {Promise<import('./index.mjs').Infrastructure>}
 */
export async function localInfrastructure({ home, run, progress, signal }) {
  const localInfra = await import('@signalbox/local-infra');
  // Before anything is started or written.
  await asFailure(() => localInfra.requireUsableHome(join(home.path, 'rabbitmq')));
  const access = await accessOf(localInfra, home.credentialsFile);
  const ports = await choosePorts(localInfra, home.portsFile);
  const { amqpPort, brokerAuthPort, brokerManagementPort, postgresPort } = ports;

  /** @param {string} title @param {(place: { home: string, logFile: string }) => Promise<ServerProcess>} start @returns {Server} */
  const server = (title, start) => {
    const name = title.toLowerCase();
    const logFile = home.logFile(name);
    home.rotateLog(name);
    const launch = async () => asRunning(await start({ home: join(home.path, name), logFile }));
    return { title, supervised: new Supervised({ name, logFile, run, say: (text) => progress.line(text), launch }) };
  };
  const rabbitMq = server('RabbitMQ', (place) =>
    localInfra.startRabbitMq({
      ...place,
      definitions: access.definitions,
      amqpPort,
      keyLogin: { url: `http://127.0.0.1:${brokerAuthPort}` },
      management: { port: brokerManagementPort },
    }),
  );
  const postgres = server('Postgres', (place) =>
    localInfra.startPostgres({ ...place, superuserPassword: access.superuserPassword, port: postgresPort }),
  );

  return {
    ...access.urls(ports, { keysLogIn: true }),
    start: async () => {
      await allOrFirstFailure([
        bringUp(progress, rabbitMq),
        bringUp(progress, postgres).then(() => access.provision(postgresPort)),
      ]);
      signal.throwIfAborted();
    },
    stop: async () => {
      await rabbitMq.supervised.stop();
      await postgres.supervised.stop();
    },
    kill: () => {
      rabbitMq.supervised.kill();
      postgres.supervised.kill();
      void stopServersIn(home.path, 0);
    },
  };
}

/** @param {import('../base/progress.mjs').Progress} progress @param {Server} server */
async function bringUp(progress, { title, supervised }) {
  await progress.step({ doing: `starting ${title}`, done: `${title} is up` }, () =>
    asFailure(() => supervised.start()),
  );
}

/** The library's own failures are complete: they end in the way out. @param {() => void | Promise<void>} work */
async function asFailure(work) {
  try {
    await work();
  } catch (error) {
    if (error instanceof Error && error.name === 'LocalInfraError') throw new Failure(error.message);
    throw error;
  }
}

/** @param {ServerProcess} server @returns {import('../processes/supervised.mjs').Running<void>} */
function asRunning(server) {
  return {
    pid: server.pid,
    ready: Promise.resolve(),
    exited: server.exited,
    stop: () => server.stop(),
    kill: () => server.kill(),
  };
}
