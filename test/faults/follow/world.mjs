// @ts-check
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '@signalbox/local-infra';
import { FaultyBroker, FaultyDatabase } from '@signalbox/testing';
import { childrenOf, residentBytesOf } from '../../support/processes.mjs';
import { Child } from '../processes/child.mjs';
import { Consumer } from './consumer.mjs';
import { Source } from './source.mjs';

/** A gateway and two processes of datasource-sync on servers that can fail, and a customer's database that they follow. */
export class FollowWorld {
  /** @type {string[]} */
  unexpected = [];
  /** Bytes, by name of the process. @type {Map<string, number>} */
  peaks = new Map();

  /** @param {{ broker: FaultyBroker, database: FaultyDatabase, source: Source, folder: string, port: number }} parts */
  constructor({ broker, database, source, folder, port }) {
    this.broker = broker;
    this.database = database;
    this.source = source;
    this.folder = folder;
    this.url = `http://127.0.0.1:${port}`;
    const env = {
      RABBITMQ_URL: broker.directUrl,
      BROKER_SENDERS: 'unchecked',
      DATABASE_URL: database.directUrl,
      SIGNALBOX_MANAGEMENT_PORT: '0',
      LOG_LEVEL: 'info',
    };
    this.adminKeyFile = join(folder, 'admin.key');
    this.gateway = this.#child('gateway', { ...env, PORT: String(port), SIGNALBOX_ADMIN_KEY_FILE: this.adminKeyFile });
    const keys = randomBytes(32).toString('base64url');
    this.syncs = [0, 1].map((index) =>
      this.#child(
        'datasource-sync',
        { ...env, SIGNALBOX_SECRET_KEYS: keys, SIGNALBOX_ALLOW_LOOPBACK_TARGETS: 'true' },
        index,
      ),
    );
  }

  static async start() {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-follow-'));
    const [broker, database, customer] = await Promise.all([
      FaultyBroker.start(),
      FaultyDatabase.start(),
      FaultyDatabase.start(),
    ]);
    const source = new Source(customer);
    await source.prepare();
    const world = new FollowWorld({ broker, database, source, folder, port: await freePort() });
    for (const child of [world.gateway, ...world.syncs]) child.start();
    await world.until(
      'the services are ready',
      () => [world.gateway, ...world.syncs].every(({ ready }) => ready) && existsSync(world.adminKeyFile),
    );
    return world;
  }

  /** Registers the source and binds a queue to its changes before the first of them is published. */
  async follow() {
    const made = await this.api('POST', '/v1/datasources', { connectionString: this.source.connectionString });
    this.datasource = /** @type {string} */ (made.id);
    this.consumer = new Consumer({ url: this.broker.directUrl, datasource: this.datasource });
    await this.consumer.start();
    // What was published before the queue was bound comes again.
    await this.api('POST', `/v1/datasources/${this.datasource}/resync`);
  }

  /** @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} */
  async api(method, path, body) {
    return this.until(`${method} ${path} is answered`, async () => {
      const response = await fetch(`${this.url}${path}`, {
        method,
        headers: {
          'x-api-key': readFileSync(this.adminKeyFile, 'utf8').trim(),
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(30_000),
      }).catch(() => undefined);
      if (response === undefined || response.status >= 500) return undefined;
      const answer = await response.json();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
      return answer;
    });
  }

  /** What can be killed, by name. @type {Record<string, () => Promise<void>>} */
  kills = {
    'datasource-sync': async () => this.syncs[Math.floor(Math.random() * 2)]?.kill(),
    worker: async () => {
      const workers = this.syncs.flatMap(({ pid }) => childrenOf(pid));
      for (const pid of workers) process.kill(pid, 'SIGKILL');
    },
    broker: async () => {
      await this.broker.kill();
      await this.broker.start();
    },
    'customer Postgres': async () => {
      await this.source.server.kill();
      await this.source.server.start();
    },
    'own Postgres': async () => {
      await this.database.kill();
      await this.database.start();
    },
  };

  /** Notes how much memory each process has. */
  look() {
    for (const [index, { pid }] of this.syncs.entries()) {
      this.#peak(`datasource-sync ${index}`, pid);
      for (const worker of childrenOf(pid)) this.#peak('worker', worker);
    }
  }

  /** @template Found @param {string} what @param {() => Found | Promise<Found>} condition @param {number} [patienceMs] @returns {Promise<Exclude<Found, false | undefined>>} */
  async until(what, condition, patienceMs = 120_000) {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const found = await condition();
      if (found !== false && found !== undefined) return /** @type {any} */ (found);
      if (performance.now() > deadline) throw new Error(`not within ${patienceMs / 1_000} s: ${what}`);
      await wait(100);
    }
  }

  async stop() {
    await this.consumer?.stop();
    const codes = await Promise.all([this.gateway, ...this.syncs].map((child) => child.stop()));
    await Promise.all([this.broker.close(), this.database.close(), this.source.server.close()]);
    return codes;
  }

  removeFolder() {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** @param {string} service @param {Record<string, string>} env @param {number} [index] */
  #child(service, env, index = 0) {
    return new Child({
      name: `${service} ${index}`,
      script: `apps/${service}/bundle/main.js`,
      env,
      logFile: join(this.folder, `${service}-${index}.log`),
      onUnexpected: (detail) => void this.unexpected.push(detail),
    });
  }

  /** @param {string} name @param {number} pid */
  #peak(name, pid) {
    try {
      this.peaks.set(name, Math.max(this.peaks.get(name) ?? 0, residentBytesOf(pid)));
    } catch {
      // It has just ended.
    }
  }
}
