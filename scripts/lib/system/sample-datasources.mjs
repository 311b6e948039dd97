// @ts-check
import { join } from 'node:path';
import { checkout } from '../base/home.mjs';
import { runCommand } from '../processes/command.mjs';
import { environmentWith } from '../processes/environment.mjs';
import { askGateway } from './ask-gateway.mjs';
import { becomesTrue } from './becomes-true.mjs';
import { gatewayShows } from './gateway-shows.mjs';
import { superviseNode } from './supervise-node.mjs';

/** The roles of the sample shop, and what their passwords are derived for. */
const PURPOSES = { shop: 'shop owner', shop_replicator: 'shop replicator', shop_reader: 'shop reader' };

/**
 * @param {import('../infrastructure/index.mjs').ForSamples} forSamples
 * @param {keyof typeof PURPOSES} role
 */
export const shopUrl = ({ postgresPort, secretFor }, role) =>
  `postgres://${role}:${secretFor(PURPOSES[role])}@127.0.0.1:${postgresPort}/shop`;

/** A shop whose rows really change, followed as a database and polled as an endpoint, so that there is something to see. */
export class SampleDatasources {
  /**
   * @param {{
   *   home: import('../base/home.mjs').Home, run: import('../processes/run-folder.mjs').RunFolder,
   *   progress: import('../base/progress.mjs').Progress, forSamples: import('../infrastructure/index.mjs').ForSamples,
   * }} options
   */
  constructor({ home, run, progress, forSamples }) {
    this.home = home;
    const { endpointPort, superuserUrl, secretFor } = forSamples;
    const signingKey = `sk_${secretFor('shop endpoint')}`;
    const ownerUrl = shopUrl(forSamples, 'shop');
    this.setupEnv = {
      SHOP_ADMIN_URL: superuserUrl,
      SHOP_PASSWORD: secretFor(PURPOSES.shop),
      SHOP_REPLICATOR_PASSWORD: secretFor(PURPOSES.shop_replicator),
      SHOP_READER_PASSWORD: secretFor(PURPOSES.shop_reader),
    };
    this.endpointUrl = `http://127.0.0.1:${endpointPort}/`;
    const metadata = { sample: 'npm start' };
    this.bodies = [
      { connectionString: `${shopUrl(forSamples, 'shop_replicator')}?sslmode=disable`, metadata },
      // Without TLS: live ones need it.
      { endpoint: this.endpointUrl, signingKey, environment: 'test', metadata },
    ];
    /** @param {string} name @param {string} script @param {Record<string, string>} env */
    const supervise = (name, script, env) =>
      superviseNode({ home, run, progress }, { name, script: `examples/${script}`, env: () => env });
    this.processes = [
      supervise('shop-writer', 'shop/writer.mjs', { SHOP_URL: ownerUrl }),
      supervise('shop-endpoint', 'endpoint/endpoint.mjs', {
        SHOP_URL: ownerUrl,
        ENDPOINT_SIGNING_KEY: signingKey,
        PORT: String(endpointPort),
      }),
    ];
  }

  /**
   * Registers both too; what is registered already is updated.
   * @param {{ gatewayUrl: string, signal: AbortSignal }} options
   */
  async start({ gatewayUrl, signal }) {
    await runCommand([process.execPath, join(checkout, 'examples/shop/setup.mjs')], {
      doing: 'making the sample database',
      logFile: this.home.logFile('shop-setup'),
      signal,
      env: { ...environmentWith([]), ...this.setupEnv },
    });
    await Promise.all(this.processes.map((each) => each.start()));
    // The check of an endpoint that does not listen yet is repeated after half a minute only.
    await becomesTrue(
      async () => Boolean(await fetch(this.endpointUrl, { signal: AbortSignal.timeout(5_000) })),
      signal,
    );
    await Promise.all(this.bodies.map((body) => this.#register(`${gatewayUrl}/v1/datasources`, { body, signal })));
  }

  /** @param {string} url @param {{ body: object, signal: AbortSignal }} request */
  async #register(url, { body, signal }) {
    const ended = AbortSignal.any([signal, AbortSignal.timeout(20_000)]);
    // What fails is seen by what the gateway shows later.
    await askGateway(url, { keyFile: this.home.adminKeyFile, body, signal: ended }).catch(() => undefined);
    signal.throwIfAborted();
  }

  /**
   * @param {{ gatewayUrl: string, signal: AbortSignal }} options
   * @returns {Promise<boolean>} whether the gateway shows one of each kind active, within 30 s
   */
  async areActive({ gatewayUrl, signal }) {
    const { adminKeyFile: keyFile } = this.home;
    return gatewayShows({
      gatewayUrl,
      keyFile,
      path: '/v1/datasources',
      isThere: ({ data }) =>
        ['direct', 'endpoint'].every((kind) =>
          data.some(
            (/** @type {{ connection: string, status: string }} */ { connection, status }) =>
              connection === kind && status === 'active',
          ),
        ),
      signal,
    });
  }

  async stop() {
    await Promise.all(this.processes.map((each) => each.stop()));
  }

  kill() {
    for (const each of this.processes) each.kill();
  }
}
