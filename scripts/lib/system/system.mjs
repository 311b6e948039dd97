// @ts-check
import { writeFileSync } from 'node:fs';
import { DataplaneAgent } from './dataplane-agent.mjs';
import { checkConfiguration } from './check-configuration.mjs';
import { chooseInfrastructure } from '../infrastructure/index.mjs';
import { gatewayUrl, isPortFree, portTaken } from '../processes/ports.mjs';
import { prepare } from '../prepare/prepare.mjs';
import { ensureRabbitMq } from '../prepare/rabbitmq-package.mjs';
import { killUnrecorded } from '../processes/run-folder.mjs';
import { frozenNote } from './frozen.mjs';
import { sampleKeys, storedSampleKeys } from './sample-keys.mjs';
import { SampleDatasources } from './sample-datasources.mjs';
import { SampleReaders } from './sample-readers.mjs';
import { Services } from './services.mjs';

/** Everything one `npm start` runs, from the infrastructure to the samples and the dataplane: started in order, stopped in reverse. */
export class System {
  /** @type {import('../infrastructure/index.mjs').Infrastructure | undefined} */
  #infrastructure;
  /** @type {Services | undefined} */
  #services;
  /** @type {SampleReaders | undefined} */
  #readers;
  /** @type {DataplaneAgent | undefined} */
  #agent;
  /** @type {SampleDatasources | undefined} */
  #datasources;

  /**
   * @param {{
   *   home: import('../base/home.mjs').Home, run: import('../processes/run-folder.mjs').RunFolder,
   *   progress: import('../base/progress.mjs').Progress, port: number, initialize: boolean, runId: string,
   * }} options `port`: the gateway's; `initialize`: the registry loads its file again; `runId`: what every process of this run carries in its environment
   */
  constructor({ home, run, progress, port, initialize, runId }) {
    this.home = home;
    this.run = run;
    this.progress = progress;
    this.port = port;
    this.initialize = initialize;
    this.runId = runId;
    this.gatewayUrl = gatewayUrl(process.env, port);
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<boolean>} whether the samples came up too; all else is up, or this throws
   */
  async start(signal) {
    const { home, run, progress } = this;
    // Checked before the long steps, so that the failure comes early.
    if (!(await isPortFree(this.port, process.env.HOST))) throw portTaken(this.port);
    const choice = await chooseInfrastructure(process.env);
    const meanwhile = async () => {
      if (choice.needsRabbitMq) await ensureRabbitMq({ home, progress, signal });
    };
    await prepare({ home, progress, signal, meanwhile });
    signal.throwIfAborted();
    await checkConfiguration({ home });

    const infrastructure = await choice.create({ home, run, progress, signal });
    this.#infrastructure = infrastructure;
    await infrastructure.start();
    await this.#removeEarlierQueues(infrastructure);
    writeConnection(home.connectionFile, withKeys(infrastructure, storedSampleKeys(home.sampleKeysFile)));

    const services = new Services({
      home,
      run,
      progress,
      port: this.port,
      initialize: this.initialize,
      infrastructure,
    });
    this.#services = services;
    await interruptibly(
      signal,
      progress.step({ doing: 'starting the services', done: 'six services are up' }, () => services.start()),
    );

    const { gatewayUrl } = this;
    const datasources =
      infrastructure.samples && new SampleDatasources({ home, run, progress, forSamples: infrastructure.samples });
    this.#datasources = datasources;
    if (!datasources) progress.line('  no sample datasources: they need a database server that npm start makes');
    const all = `two sample readers are live, a dataplane is healthy${datasources ? ', two datasources are active' : ''}`;
    const doing = `starting two sample readers${datasources ? ', two datasources' : ''} and a dataplane`;
    return progress.step({ doing, done: (areUp) => (areUp ? all : undefined) }, async () => {
      const [{ readers, agent }] = await Promise.all([
        this.#startBrokerClients({ infrastructure, services, signal }),
        datasources?.start({ gatewayUrl, signal }),
      ]);
      const frozen = frozenNote({ gatewayUrl, keyFile: home.adminKeyFile, signal });
      const up = await Promise.all([
        readers.areLive({ gatewayUrl, signal }),
        agent.isHealthy({ gatewayUrl, signal }),
        datasources?.areActive({ gatewayUrl, signal }) ?? true,
      ]);
      const note = await frozen;
      if (note) progress.line(note);
      return up.every(Boolean);
    });
  }

  /** Before any service publishes: what an earlier release has left would get a copy of each message. @param {import('../infrastructure/index.mjs').Infrastructure} infrastructure */
  async #removeEarlierQueues({ connection }) {
    const { progress } = this;
    try {
      const { removeEarlier } = await import('../topology/remove-earlier.mjs');
      for (const line of await removeEarlier(connection.RABBITMQ_URL)) progress.line(`  ${line}`);
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      progress.line(
        `! queues of an earlier release were not looked for (npm run topology -- --remove-earlier): ${message}`,
      );
    }
  }

  /**
   * The sample readers and the dataplane. Their keys are made by the gateway.
   * @param {{ infrastructure: import('../infrastructure/index.mjs').Infrastructure, services: Services, signal: AbortSignal }} options
   */
  async #startBrokerClients({ infrastructure, services, signal }) {
    const { home, run, progress } = this;
    // A login with a key needs it; users of the broker do not.
    if (infrastructure.keyUrl) await services.gatewayIsReady(signal);
    const connection = withKeys(infrastructure, await this.#sampleKeys(infrastructure, signal));
    writeConnection(home.connectionFile, connection);
    const { READER_RABBITMQ_URL: readerUrl, DATAPLANE_RABBITMQ_URL: brokerUrl } = connection;
    const readers = new SampleReaders({ home, run, progress, readerUrl });
    this.#readers = readers;
    const agent = new DataplaneAgent({ home, run, progress, infrastructure, brokerUrl });
    this.#agent = agent;
    await Promise.all([readers.start(), agent.start()]);
    return { readers, agent };
  }

  /**
   * @param {import('../infrastructure/index.mjs').Infrastructure} infrastructure
   * @param {AbortSignal} signal
   * @returns {Promise<import('./sample-keys.mjs').SampleKeys | undefined>} undefined: the samples use the shared users of the broker
   */
  async #sampleKeys({ keyUrl }, signal) {
    if (!keyUrl) return undefined;
    const { sampleKeysFile: file, adminKeyFile } = this.home;
    try {
      return await sampleKeys({ file, gatewayUrl: this.gatewayUrl, adminKeyFile, signal });
    } catch (error) {
      signal.throwIfAborted();
      const { message } = /** @type {Error} */ (error);
      this.progress.line(
        `! no keys for the sample readers and the dataplane, which use shared users of the broker instead: ${message}`,
      );
      return undefined;
    }
  }

  /** Users before what they use: readers, gateway, services, broker, database. */
  async stop() {
    await Promise.all([this.#readers?.stop(), this.#agent?.stop(), this.#datasources?.stop()]);
    // Readers that people started beside ours.
    await this.run.stop((name) => name.startsWith('reader-') && name !== 'reader-heartbeat');
    await this.#services?.stop();
    await this.#infrastructure?.stop();
    await this.run.stop();
    killUnrecorded(this.runId);
  }

  /** Ends every process at once, in no order. */
  kill() {
    this.#readers?.kill();
    this.#agent?.kill();
    this.#datasources?.kill();
    this.#services?.kill();
    this.#infrastructure?.kill();
    this.run.kill();
    killUnrecorded(this.runId);
  }
}

/**
 * @template T
 * @param {AbortSignal} signal
 * @param {Promise<T>} work which goes on when the signal comes; `stop` ends it
 * @returns {Promise<T>}
 */
async function interruptibly(signal, work) {
  work.catch(() => {});
  const interrupted = new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  signal.throwIfAborted();
  return /** @type {Promise<T>} */ (Promise.race([work, interrupted]));
}

/**
 * @param {import('../infrastructure/index.mjs').Infrastructure} infrastructure
 * @param {import('./sample-keys.mjs').SampleKeys | undefined} keys
 * @returns {import('../infrastructure/index.mjs').Connection} with the keys, where there are keys and they log in
 */
function withKeys({ connection, keyUrl }, keys) {
  if (!keyUrl || !keys) return connection;
  return {
    ...connection,
    READER_RABBITMQ_URL: keyUrl(keys.reader),
    DATAPLANE_RABBITMQ_URL: keyUrl(keys.agent),
  };
}

/** @param {string} file @param {import('../infrastructure/index.mjs').Connection} connection */
function writeConnection(file, connection) {
  const lines = Object.entries(connection).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(file, lines.join(''), { mode: 0o600 });
}
