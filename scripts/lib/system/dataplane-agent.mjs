// @ts-check
import { gatewayShows } from './gateway-shows.mjs';
import { checkout } from '../base/home.mjs';
import { environmentWith } from '../processes/environment.mjs';
import { shopUrl } from './sample-datasources.mjs';
import { variablesOf } from './service-variables.mjs';
import { superviseNode } from './supervise-node.mjs';

const name = 'dataplane-main';

/** One dataplane with the local engine; a supervisor is what makes its shutdown a restart. */
export class DataplaneAgent {
  /**
   * @param {{
   *   home: import('../base/home.mjs').Home, run: import('../processes/run-folder.mjs').RunFolder, progress: import('../base/progress.mjs').Progress,
   *   infrastructure: import('../infrastructure/index.mjs').Infrastructure, brokerUrl: string,
   * }} options `brokerUrl`: with which the agent logs in
   */
  constructor({ home, run, progress, infrastructure, brokerUrl }) {
    this.home = home;
    this.operatorUrl = infrastructure.connection.RABBITMQ_URL;
    this.agent = superviseNode(
      { home, run, progress },
      {
        name,
        script: 'apps/dataplane-agent/bundle/main.js',
        env: async () => ({
          ...environmentWith(await variablesOf('dataplane-agent')),
          SIGNALBOX_DATAPLANE: 'main',
          SIGNALBOX_MANAGEMENT_PORT: '0',
          RABBITMQ_URL: brokerUrl,
          BROKER_SENDERS: infrastructure.urlsOf('dataplane-control').BROKER_SENDERS,
          // What its operations may look at: the checkout, and the tables of the sample shop. No database of a service.
          SIGNALBOX_AGENT_FILES: process.env.SIGNALBOX_AGENT_FILES || checkout,
          ...this.#databaseUrl(infrastructure.samples),
        }),
      },
    );
  }

  /** @param {import('../infrastructure/index.mjs').ForSamples | undefined} samples */
  #databaseUrl(samples) {
    const { SIGNALBOX_AGENT_DATABASE_URL: given, SIGNALBOX_AGENT_DATABASE_URL_FILE: file } = process.env;
    return given || file || !samples ? {} : { SIGNALBOX_AGENT_DATABASE_URL: shopUrl(samples, 'shop_reader') };
  }

  async start() {
    await this.#declareQueues();
    await this.agent.start();
  }

  /**
   * dataplane-control declares them at the first report. Until then an agent cannot consume, and RabbitMQ logs each attempt as an error:
   * what is known to come is declared here. Where that fails, all goes on as with any other agent.
   */
  async #declareQueues() {
    try {
      const { dataplaneTopology } = await import('@signalbox/contracts/messages');
      const { connectToBroker, declareTopology } = await import('@signalbox/messaging');
      const connection = await connectToBroker(this.operatorUrl);
      connection.on('error', () => {});
      await declareTopology(await connection.createChannel(), dataplaneTopology('main'));
      await connection.close();
    } catch {
      // The agent logs what is wrong.
    }
  }

  /**
   * @param {{ gatewayUrl: string, signal: AbortSignal }} options
   * @returns {Promise<boolean>} whether the gateway shows it healthy, within 30 s
   */
  async isHealthy({ gatewayUrl, signal }) {
    const { adminKeyFile: keyFile } = this.home;
    return gatewayShows({
      gatewayUrl,
      keyFile,
      path: '/api/status',
      isThere: (body) => typeof body.dataplane_healthcheck === 'object',
      signal,
    });
  }

  async stop() {
    await this.agent.stop();
  }

  kill() {
    this.agent.kill();
  }
}
