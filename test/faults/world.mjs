// @ts-check
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { commandsQueue, deadLettersQueue, requestsQueue, retryQueues } from '@signalbox/contracts/messages';
import { freePort } from '@signalbox/local-infra';
import { connectToBroker } from '@signalbox/messaging';
import { FaultyDatabase } from '@signalbox/testing';
import pg from 'pg';
import { Child } from './processes/child.mjs';
import { Journal } from './journal.mjs';

const RECOVERY_MS = 120_000;
const SETTLE_MS = 240_000;

/** @typedef {import('@signalbox/testing').FaultyBroker} FaultyBroker */
/** @typedef {import('./cluster/cluster-broker.mjs').ClusterBroker} ClusterBroker */
/** @typedef {{ status: string, checks: Record<string, { status: string, detail?: string }> }} Health */

/**
 * `poison`: with messages that always fail; `intervalSeconds`: what readers say of their heartbeats, default 10; `perMessage`: heartbeats in
 * one message, default 1.
 * @typedef {{ readers: number, heartbeatsPerSecond: number, writesPerSecond: number, poison: boolean, intervalSeconds?: number, perMessage?: number }} Load
 */

/** @template {FaultyBroker | ClusterBroker} [Broker=FaultyBroker] @typedef {{ broker: Broker, load: Load, readerHeartbeats?: number, isWatched?: boolean }} Setting */

/** Servers that can fail, the services that use them as real processes, and the load. @template {FaultyBroker | ClusterBroker} [Broker=FaultyBroker] */
export class World {
  /** What was not expected, with the fault during which it happened. @type {{ fault: string, detail: string }[]} */
  unexpected = [];
  fault = 'no fault';
  /** Whether heartbeats are being sent. Stays true while their sender restarts. */
  isLoaded = false;
  loadedSince = 0;
  /** Confirmed by the broker. */
  heartbeats = 0;
  /** Called with each message of heartbeats that reader-heartbeat decodes, where that is wanted: see cluster/received.mjs. @type {(message: { reader: string, at: number }) => void} */
  onReceived = () => undefined;

  /** @param {Setting<Broker> & { database: FaultyDatabase, folder: string, gatewayPorts: number[] }} parts */
  constructor({ broker, database, folder, gatewayPorts, load, readerHeartbeats = 1, isWatched = false }) {
    this.broker = broker;
    this.database = database;
    this.folder = folder;
    this.journal = new Journal(join(folder, 'journal.jsonl'));
    const services = {
      RABBITMQ_URL: broker.url,
      BROKER_SENDERS: 'unchecked',
      DATABASE_URL: database.url,
      SIGNALBOX_MANAGEMENT_PORT: '0',
      LOG_LEVEL: 'info',
    };
    const adminKeyFile = join(folder, 'admin.key');
    this.adminKeyFile = adminKeyFile;
    this.gateways = gatewayPorts.map((port, index) =>
      this.#child(`gateway-${index}`, 'apps/gateway/bundle/main.js', {
        ...services,
        PORT: String(port),
        SIGNALBOX_ADMIN_KEY_FILE: adminKeyFile,
      }),
    );
    this.gatewayUrls = gatewayPorts.map((port) => `http://127.0.0.1:${port}`);
    this.ledgers = [0, 1].map((index) => this.#child(`ledger-${index}`, 'test/faults/ledger.mjs', services));
    this.readerHeartbeats = Array.from({ length: readerHeartbeats }, (_, index) =>
      this.#child(
        index === 0 ? 'reader-heartbeat' : `reader-heartbeat-${index}`,
        'apps/reader-heartbeat/bundle/main.js',
        isWatched
          ? { ...services, NODE_OPTIONS: `--import=${new URL('cluster/received.mjs', import.meta.url)}` }
          : services,
        (message) => this.onReceived(message),
      ),
    );
    this.loadEnv = {
      RABBITMQ_URL: broker.url,
      BROKER_SENDERS: 'unchecked',
      JOURNAL: this.journal.file,
      GATEWAYS: this.gatewayUrls.join(','),
      LOAD: JSON.stringify(load),
    };
    /** @type {Child | undefined} */
    this.load = undefined;
  }

  /** @template {FaultyBroker | ClusterBroker} Broker @param {Setting<Broker>} setting `broker` is closed at the end @returns {Promise<World<Broker>>} */
  static async start(setting) {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-faults-'));
    const database = await FaultyDatabase.start();
    const gatewayPorts = [await freePort(), await freePort()];
    const world = new World({ ...setting, database, folder, gatewayPorts });
    for (const child of world.services) child.start();
    await world.until(
      'all services are ready',
      () => world.services.every(({ ready }) => ready) && existsSync(world.adminKeyFile),
    );
    return world;
  }

  get services() {
    return [...this.gateways, ...this.ledgers, ...this.readerHeartbeats];
  }

  get adminKey() {
    return readFileSync(this.adminKeyFile, 'utf8').trim();
  }

  startLoad() {
    const count = (/** @type {{ confirmed: number }} */ { confirmed }) => (this.heartbeats += confirmed);
    this.load = this.#child(
      'load',
      'test/faults/load.mjs',
      { ...this.loadEnv, ADMIN_KEY: this.adminKey, FAULT: this.fault },
      count,
    ).start();
    this.loadedSince = performance.now();
    this.isLoaded = true;
  }

  /** Attributes what happens from now on to this fault. @param {string} fault */
  during(fault) {
    this.fault = fault;
    if (!this.load) return;
    this.load.env = { ...this.load.env, FAULT: fault };
    this.load.send({ fault });
  }

  /** @param {string} detail */
  reportUnexpected(detail) {
    this.unexpected.push({ fault: this.fault, detail: `${new Date().toISOString()} ${detail}` });
  }

  /** `/readyz?verbose` of a service, undefined while it does not answer. @param {Child} child @returns {Promise<Health | undefined>} */
  async health(child) {
    const port = child.ready?.managementPort;
    if (port === undefined) return undefined;
    try {
      const response = await fetch(`http://127.0.0.1:${port}/readyz?verbose`, { signal: AbortSignal.timeout(5_000) });
      return /** @type {Health} */ (await response.json());
    } catch {
      return undefined;
    }
  }

  /** The process that owns a stream now. @param {string} stream @param {Child[]} children */
  async ownerOf(stream, children) {
    for (const child of children) {
      const health = await this.health(child);
      if (health?.checks[`ownership of ${stream}`]?.detail?.startsWith('here')) return child;
    }
    return undefined;
  }

  /** Waits until every process is ready, every stream has an owner whose beacons reach both gateways, and a write succeeds. @returns {Promise<number>} ms */
  async recovered() {
    const startedAt = performance.now();
    await this.until('everything has recovered', () => this.#hasRecovered());
    await this.#writeOnce();
    return performance.now() - startedAt;
  }

  /** Makes one write through a gateway. It must succeed when all processes report that they are ready. */
  async #writeOnce() {
    const line = /** @type {const} */ ({ kind: 'key', id: `${this.fault}/${randomUUID()}`, fault: this.fault });
    this.journal.write({ what: 'requested', ...line });
    const key = { 'x-api-key': this.adminKey };
    const headers = { ...key, 'content-type': 'application/json' };
    const [url] = this.gatewayUrls;
    await this.until('a key can be created', async () => {
      const response = await fetch(`${url}/v1/keys`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ name: line.id }),
        signal: AbortSignal.timeout(30_000),
      });
      if (response.status === 503) return false;
      const made = await response.json();
      if (response.status !== 201)
        this.reportUnexpected(`a write was answered ${response.status} ${JSON.stringify(made)}`);
      else this.journal.write({ what: 'acknowledged', ...line });
      await fetch(`${url}/v1/keys/${made.id}`, { method: 'DELETE', headers: key }).catch(() => undefined);
      return true;
    });
  }

  async #hasRecovered() {
    if (![...this.services, ...(this.load ? [this.load] : [])].every(({ ready }) => ready)) return false;
    const healths = await Promise.all(this.services.map((child) => this.health(child)));
    const isReady = (/** @type {Health | undefined} */ health) =>
      health?.status === 'ready' &&
      ['rabbitmq', 'database'].every(
        (name) => health.checks[name]?.status === 'up' && health.checks[name]?.detail === undefined,
      );
    const receivesAllOwners = (/** @type {Health | undefined} */ health) =>
      ['gateway', 'readers.0', 'registry'].every((stream) => health?.checks[`owner of ${stream}`]?.status === 'up');
    return healths.every(isReady) && healths.slice(0, this.gateways.length).every(receivesAllOwners);
  }

  /**
   * Stops the load gracefully and waits until every acknowledged write is done or dead-lettered and all queues of requests and
   * commands are empty. Empty queues are not enough: the broker's counts are some seconds old, so a message that moves to a
   * retry queue may be in none of them.
   */
  async settle() {
    this.isLoaded = false;
    const code = await this.load?.stop(240_000);
    if (code !== 0) this.reportUnexpected(`the load did not exit gracefully: ${code}`);
    this.load = undefined;
    await this.until('every acknowledged write is done or dead-lettered', () => this.#isEachWriteDone(), SETTLE_MS);
    await this.until('the queues are empty', () => this.#areQueuesEmpty(), SETTLE_MS);
    await this.recovered();
    await this.until('the gateways and the owners are at the same number', () => this.#inStep(), 30_000);
  }

  async #isEachWriteDone() {
    const effects = new Set((await this.effects()).map(({ id }) => id));
    const acknowledged = this.journal.read().filter(({ what }) => what === 'acknowledged');
    const outstanding = new Set(acknowledged.map(({ id }) => id).filter((id) => !effects.has(id)));
    return outstanding.size <= ((await this.broker.messageCount(deadLettersQueue.name)) ?? 0);
  }

  async #areQueuesEmpty() {
    const commands = commandsQueue('ledger');
    const queues = [requestsQueue('ledger'), commands, ...retryQueues(commands.name)];
    const counts = await Promise.all(queues.map(({ name }) => this.broker.messageCount(name)));
    return counts.every((count) => count === 0);
  }

  async #inStep() {
    for (const stream of ['gateway', 'readers.0', 'registry']) {
      const owner = await this.ownerOf(stream, this.services);
      const at = (owner && (await this.health(owner)))?.checks[`ownership of ${stream}`]?.detail?.replace('here, ', '');
      const replicas = await Promise.all(
        this.gateways.map(async (gateway) => (await this.health(gateway))?.checks[`stream ${stream}`]?.detail),
      );
      if (at === undefined || replicas.some((replica) => replica !== at)) {
        this.lastDifference = { stream, owner: at, replicas };
        return false;
      }
    }
    return true;
  }

  /** @returns {Promise<import('./outcome-counts.mjs').Effect[]>} */
  async effects() {
    const client = new pg.Client({ connectionString: this.database.directUrl });
    await client.connect();
    try {
      const { rows } = await client.query(`
        SELECT 'booking' AS kind, id, count(*)::int AS times FROM ledger.booking GROUP BY id
        UNION ALL SELECT 'note', id, count(*)::int FROM ledger.note GROUP BY id
        UNION ALL SELECT 'key', name, count(*)::int FROM gateway.api_key WHERE name LIKE '%/%' GROUP BY name`);
      return rows;
    } finally {
      await client.end();
    }
  }

  /** Takes all messages from the queue of dead letters. @returns {Promise<import('./outcome-counts.mjs').DeadLetter[]>} */
  async deadLetters() {
    const connection = await connectToBroker(this.broker.directUrl);
    const channel = await connection.createChannel();
    /** @type {Map<string, import('./outcome-counts.mjs').DeadLetter>} */
    const found = new Map();
    for (
      let message = await channel.get(deadLettersQueue.name);
      message;
      message = await channel.get(deadLettersQueue.name)
    ) {
      const id = message.properties.messageId ?? randomUUID();
      const reason = message.properties.headers?.['x-reason'] ?? message.properties.headers?.['x-first-death-reason'];
      const known = found.get(id);
      found.set(id, { id: message.properties.messageId, reason, times: (known?.times ?? 0) + 1 });
    }
    await connection.close();
    return [...found.values()];
  }

  /** @param {string} what @param {() => boolean | Promise<boolean>} condition */
  async until(what, condition, withinMs = RECOVERY_MS) {
    const endsAt = performance.now() + withinMs;
    while (!(await condition())) {
      if (performance.now() > endsAt) {
        this.reportUnexpected(
          `not within ${withinMs / 1_000} s: ${what}${this.lastDifference ? ` ${JSON.stringify(this.lastDifference)}` : ''}`,
        );
        return;
      }
      await wait(200);
    }
  }

  async stop() {
    const codes = await Promise.all([...(this.load ? [this.load] : []), ...this.services].map((child) => child.stop()));
    await Promise.all([this.broker.close(), this.database.close()]);
    return codes;
  }

  removeFolder() {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** @param {string} name @param {string} script @param {Record<string, string>} env @param {(message: any) => void} [onMessage] */
  #child(name, script, env, onMessage) {
    const logFile = join(this.folder, `${name}.log`);
    return new Child({
      name,
      script,
      env,
      logFile,
      onUnexpected: (detail) => this.reportUnexpected(detail),
      ...(onMessage && { onMessage }),
    });
  }
}
