// @ts-check
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '@signalbox/local-infra';
import { FaultyBroker, FaultyDatabase } from '@signalbox/testing';
import pg from 'pg';
import { Child } from '../processes/child.mjs';

const START_MS = 180_000;
/** Of one reader-heartbeat: the partition is its own. */
const OWNERSHIP = /^ownership of readers\.\d+$/;

/** A gateway and two processes of reader-heartbeat on servers that can fail, and readers that publish a heartbeat every second. */
export class ReaderWorld {
  /** @type {string[]} */
  unexpected = [];
  #orders = 0;
  /** @type {Map<number, (result: any) => void>} */
  #pending = new Map();

  /** @param {{ broker: FaultyBroker, database: FaultyDatabase, folder: string, port: number, readers: number, missedBeats: number }} parts */
  constructor({ broker, database, folder, port, readers, missedBeats }) {
    this.broker = broker;
    this.database = database;
    this.folder = folder;
    this.ids = Array.from({ length: readers }, (_, index) => `reader-${index}`);
    this.url = `http://127.0.0.1:${port}`;
    this.adminKeyFile = join(folder, 'admin.key');
    const env = {
      RABBITMQ_URL: broker.directUrl,
      BROKER_SENDERS: 'unchecked',
      DATABASE_URL: database.directUrl,
      SIGNALBOX_MANAGEMENT_PORT: '0',
      LOG_LEVEL: 'info',
    };
    this.gateway = this.#child('gateway', 'apps/gateway/bundle/main.js', {
      ...env,
      PORT: String(port),
      SIGNALBOX_ADMIN_KEY_FILE: this.adminKeyFile,
    });
    this.readerHeartbeats = [0, 1].map((index) =>
      this.#child(`reader-heartbeat-${index}`, 'apps/reader-heartbeat/bundle/main.js', {
        ...env,
        SIGNALBOX_MISSED_BEATS: String(missedBeats),
      }),
    );
    const senders = { RABBITMQ_URL: broker.directUrl, READERS: String(readers) };
    this.senders = this.#child('senders', 'test/faults/readers/senders.mjs', senders, (message) => {
      if (message.type === 'slow') this.unexpected.push(`the senders were late by ${message.ms} ms`);
      else this.#pending.get(message.number)?.(message.result);
    });
  }

  /** @param {{ readers: number, missedBeats: number }} options */
  static async start(options) {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-reader-faults-'));
    const [broker, database] = await Promise.all([FaultyBroker.start(), FaultyDatabase.start()]);
    const world = new ReaderWorld({ broker, database, folder, port: await freePort(), ...options });
    for (const child of world.services) child.start();
    const isReady = () => world.services.every(({ ready }) => ready) && existsSync(world.adminKeyFile);
    if (!(await world.until(isReady, START_MS))) throw new Error(`The services are not ready. Logs: ${folder}`);
    world.senders.start();
    return world;
  }

  get services() {
    return [this.gateway, ...this.readerHeartbeats];
  }

  get adminKey() {
    return readFileSync(this.adminKeyFile, 'utf8').trim();
  }

  /** The maps of `GET /status`; undefined while it is not answered. @returns {Promise<any>} */
  async status() {
    try {
      const response = await fetch(`${this.url}/status`, {
        headers: { 'x-api-key': this.adminKey },
        signal: AbortSignal.timeout(10_000),
      });
      if (!response.ok) return undefined;
      return /** @type {any} */ (await response.json()).status ?? undefined;
    } catch {
      return undefined;
    }
  }

  /** Lets the process of the readers do something. @param {string} order @param {string[]} [ids] @returns {Promise<any>} */
  order(order, ids = []) {
    this.#orders += 1;
    const number = this.#orders;
    return new Promise((resolve) => {
      this.#pending.set(number, resolve);
      this.senders.send({ order, ids, number });
    });
  }

  /** The processes of reader-heartbeat that own a partition. */
  async owners() {
    const owning = await Promise.all(this.readerHeartbeats.map((child) => this.#ownsPartition(child)));
    return this.readerHeartbeats.filter((_, index) => owning[index]);
  }

  /** @param {Child} child */
  async #ownsPartition({ ready }) {
    try {
      const response = await fetch(`http://127.0.0.1:${ready?.managementPort}/readyz?verbose`, {
        signal: AbortSignal.timeout(2_000),
      });
      const { checks } = /** @type {{ checks: Record<string, { detail?: string }> }} */ (await response.json());
      return Object.entries(checks).some(([name, { detail }]) => OWNERSHIP.test(name) && detail?.startsWith('here'));
    } catch {
      return false;
    }
  }

  /** When silence began to count again, Unix ms: after a start, a take-over or a time in which no heartbeat came through. */
  leasesBegan() {
    return this.readerHeartbeats.flatMap(({ name }) =>
      readFileSync(join(this.folder, `${name}.log`), 'utf8')
        .split('\n')
        .filter((line) => line.includes('silence counts from') || line.includes('partition taken over'))
        .map((line) => Date.parse(JSON.parse(line).time)),
    );
  }

  /** The deaths in the stored history of readers. @param {number} from Unix ms @returns {Promise<{ readerId: string, at: number }[]>} */
  async storedDeaths(from) {
    const client = new pg.Client({ connectionString: this.database.directUrl });
    await client.connect();
    try {
      const { rows } = await client.query(
        `SELECT reader_id, at FROM reader_heartbeat.reader_transition WHERE to_state = 'dead' AND at >= $1`,
        [new Date(from)],
      );
      return rows.map(({ reader_id: readerId, at }) => ({ readerId, at: at.getTime() }));
    } finally {
      await client.end();
    }
  }

  /** @param {() => boolean | Promise<boolean>} condition @param {number} withinMs @returns {Promise<boolean>} whether it became true */
  async until(condition, withinMs) {
    for (const endsAt = performance.now() + withinMs; performance.now() < endsAt; await wait(200))
      if (await condition()) return true;
    return false;
  }

  async stop() {
    await Promise.all([this.senders, ...this.services].map((child) => child.stop()));
    await Promise.all([this.broker.close(), this.database.close()]);
  }

  removeFolder() {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** @param {string} name @param {string} script @param {Record<string, string>} env @param {(message: any) => void} [onMessage] */
  #child(name, script, env, onMessage) {
    return new Child({
      name,
      script,
      env,
      logFile: join(this.folder, `${name}.log`),
      onUnexpected: (detail) => void this.unexpected.push(detail),
      ...(onMessage && { onMessage }),
    });
  }
}
