// @ts-check
import { join } from 'node:path';
import { Failure } from '../base/failure.mjs';
import { checkout } from '../base/home.mjs';
import { launchNode } from '../processes/launch.mjs';
import { environmentWith } from '../processes/environment.mjs';
import { becomesTrue } from './becomes-true.mjs';
import { nodeOptionsOf } from './node-options.mjs';
import { serviceEnvironment } from './service-environment.mjs';
import { variablesOf } from './service-variables.mjs';
import { gatewayUrl, isPortFree, portTaken } from '../processes/ports.mjs';
import { Supervised } from '../processes/supervised.mjs';

/** @typedef {import('../infrastructure/index.mjs').ServiceName} ServiceName */

/** @type {ServiceName[]} */
const others = ['reader-heartbeat', 'dataplane-control', 'datasource-sync', 'journal', 'registry'];
const readyWithinMs = 60_000;
/** Where the gateway's management listener stands unless something else does. */
const usualManagementPort = 3001;

/** The gateway chooses its management port then: clients look for it beside `PORT`. */
const isKeyless = /^(true|1|on|yes)$/i.test(process.env.SIGNALBOX_KEYLESS_MANAGEMENT ?? '');

/** The six services as processes of this run. */
export class Services {
  #readyUrl = '';

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
    this.initialize = initialize;
    this.others = others.map((name) => this.#supervise(name));
    this.gateway = this.#supervise('gateway');
  }

  /** Starts all at once; ends when all are ready. @throws {Failure} when one does not come up */
  async start() {
    // The first failure counts: who waits for what has failed need not be waited for. `stop` ends all of them.
    const [{ managementPort = 0 }] = await Promise.all([
      this.#startGateway(),
      ...this.others.map((service) => service.start()),
    ]);
    this.#readyUrl = `${gatewayUrl({ HOST: process.env.SIGNALBOX_MANAGEMENT_HOST }, managementPort)}/readyz`;
  }

  /** @param {AbortSignal} signal @returns {Promise<boolean>} whether the gateway knows the state of the others, and its keys, within 30 s after the start */
  async gatewayIsReady(signal) {
    const answer = () => fetch(this.#readyUrl, { signal: AbortSignal.timeout(5_000) });
    return becomesTrue(async () => (await answer()).ok, signal);
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
      return await this.gateway.start();
    } catch (error) {
      // Another process may have taken a port since it was checked.
      if (error instanceof Failure && !(await isPortFree(this.port))) throw portTaken(this.port);
      if (
        process.env.SIGNALBOX_MANAGEMENT_PORT ||
        !(error instanceof Failure) ||
        (await isPortFree(usualManagementPort))
      )
        throw error;
      return this.gateway.start();
    }
  }

  /**
   * @param {ServiceName} name
   */
  #supervise(name) {
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
          env: await this.#environmentOf(name, first),
          logFile,
          reportsReady: true,
          readyWithinMs: first ? readyWithinMs : undefined,
        }),
    });
  }

  /** @param {ServiceName} name @param {boolean} first */
  async #environmentOf(name, first) {
    const { home, port, infrastructure } = this;
    const free = async () => ((await isPortFree(usualManagementPort)) ? usualManagementPort : 0);
    const managementPort = isKeyless ? undefined : await free();
    // A registry that is started again after it died keeps what it has.
    const own = serviceEnvironment(name, { home, port, managementPort, initialize: this.initialize && first });
    return { ...environmentWith(await variablesOf(name)), ...own, ...infrastructure.urlsOf(name) };
  }
}
