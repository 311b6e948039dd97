// @ts-check
import { join } from 'node:path';
import { Failure } from '../base/failure.mjs';
import { checkout } from '../base/home.mjs';
import { launchNode } from '../processes/launch.mjs';
import { nodeOptionsOf } from './node-options.mjs';
import { secretKeys } from './secret-keys.mjs';
import { isPortFree, portTaken } from '../processes/ports.mjs';
import { allOrFirstFailure } from '../base/all-or-first-failure.mjs';
import { Supervised } from '../processes/supervised.mjs';

/** @typedef {import('../infrastructure/index.mjs').ServiceName} ServiceName */

/** @type {ServiceName[]} */
const plain = ['reader-heartbeat', 'dataplane-control'];
const readyWithinMs = 60_000;
/** Where the gateway's management listener stands unless something else does. */
const usualManagementPort = 3001;
/** The gateway chooses the port then: its clients look for it beside `PORT`. */
const isKeyless = /^(true|1|on|yes)$/i.test(process.env.SIGNALBOX_KEYLESS_MANAGEMENT ?? '');

/** The five services as processes of this run. */
export class Services {
  /**
   * @param {{
   *   home: import('../base/home.mjs').Home, run: import('../processes/run-folder.mjs').RunFolder, progress: import('../base/progress.mjs').Progress,
   *   port: number, initialize: boolean, infrastructure: import('../infrastructure/index.mjs').Infrastructure,
   * }} options `port`: the gateway's; `initialize`: the registry forgets what it has stored and loads its file
   */
  constructor({ home, run, progress, port, initialize, infrastructure }) {
    this.home = home;
    this.run = run;
    this.progress = progress;
    this.port = port;
    this.infrastructure = infrastructure;
    this.others = plain.map((name) => this.#supervise(name, async () => ({ SIGNALBOX_MANAGEMENT_PORT: '0' })));
    this.others.push(this.#supervise('datasource-sync', async () => this.#withCredentialsEnv(home.datasourceKeysFile)));
    this.others.push(this.#supervise('registry', async ({ first }) => this.#registryEnv(initialize && first)));
    this.gateway = this.#supervise('gateway', async () => ({
      PORT: String(port),
      SIGNALBOX_PORT: '',
      SIGNALBOX_MANAGEMENT_PORT:
        process.env.SIGNALBOX_MANAGEMENT_PORT ||
        (isKeyless ? '' : String((await isPortFree(usualManagementPort)) ? usualManagementPort : 0)),
      SIGNALBOX_ADMIN_KEY_FILE: home.adminKeyFile,
    }));
  }

  /** Starts all at once; ends when all are ready. @throws {Failure} when one does not come up */
  async start() {
    await allOrFirstFailure([
      ...this.others.map(async (service) => void (await service.start())),
      this.#startGateway(),
    ]);
  }

  /** The gateway first, as it is what others talk to; it is the one that needs the rest. */
  async stop() {
    await this.gateway.stop();
    await Promise.all(this.others.map((service) => service.stop()));
  }

  kill() {
    for (const service of [this.gateway, ...this.others]) service.kill();
  }

  async #startGateway() {
    try {
      await this.gateway.start();
    } catch (error) {
      // Another process may have taken a port since it was checked.
      if (error instanceof Failure && !(await isPortFree(this.port))) throw portTaken(this.port);
      if (
        process.env.SIGNALBOX_MANAGEMENT_PORT ||
        !(error instanceof Failure) ||
        (await isPortFree(usualManagementPort))
      )
        throw error;
      await this.gateway.start();
    }
  }

  /** Of a service that stores credentials and connects to what they are for. @param {string} keysFile its own */
  #withCredentialsEnv(keysFile) {
    return {
      SIGNALBOX_MANAGEMENT_PORT: '0',
      SIGNALBOX_SECRET_KEYS: process.env.SIGNALBOX_SECRET_KEYS || secretKeys(keysFile),
      // What runs beside it can be connected to.
      SIGNALBOX_ALLOW_LOOPBACK_TARGETS: process.env.SIGNALBOX_ALLOW_LOOPBACK_TARGETS || 'true',
    };
  }

  /** @param {boolean} initialize */
  #registryEnv(initialize) {
    return {
      ...this.#withCredentialsEnv(this.home.secretKeysFile),
      SIGNALBOX_CONFIG_FILE: process.env.SIGNALBOX_CONFIG_FILE || join(checkout, 'examples/signalbox.config.json'),
      SIGNALBOX_REGISTRY_DATA: process.env.SIGNALBOX_REGISTRY_DATA || this.home.registryFolder,
      // A registry that is started again after it died keeps what it has.
      SIGNALBOX_INITIALIZE: String(initialize),
    };
  }

  /**
   * @param {ServiceName} name
   * @param {(attempt: { first: boolean }) => Promise<Record<string, string>>} own what only this service is given, determined at each start
   */
  #supervise(name, own) {
    this.home.rotateLog(name);
    const logFile = this.home.logFile(name);
    return new Supervised({
      name,
      logFile,
      run: this.run,
      say: (text) => this.progress.line(text),
      launch: async ({ first }) =>
        launchNode({
          name,
          command: [...nodeOptionsOf(name), join(checkout, 'apps', name, 'bundle/main.js')],
          env: { ...process.env, ...(await own({ first })), ...this.infrastructure.urlsOf(name) },
          logFile,
          reportsReady: true,
          readyWithinMs: first ? readyWithinMs : undefined,
        }),
    });
  }
}
