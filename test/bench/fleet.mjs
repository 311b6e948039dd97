// @ts-check
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '@signalbox/local-infra';
import { FaultyBroker, FaultyDatabase } from '@signalbox/testing';
import { Child } from '../faults/processes/child.mjs';
import { childrenOf, cpuSecondsOf } from '../support/processes.mjs';
import { watchedBy } from './programs.mjs';
import { startFeeder } from './reader-feeding.mjs';

const SENDERS = 2;
const POLL_MS = 250;
const LONGEST_WAIT_S = 600;
/** A replica of a million readers needs more than Node.js takes by itself. */
const HEAP_MIB = 8_192;

/** @typedef {{ partitions: number, owners: number, readers: number, intervalSeconds: number }} Size */
/** @typedef {{ name: string, cpuPercent: number, mib: number }} Usage */
/** @typedef {{ port: number, child: Child }} Gateway */
/** @typedef {{ name: string, p99: number, max: number, longestGc: Record<string, number> }} Loop ms that timers of a process were late; of the longest garbage collection of each kind */

/** Many readers on hosts that publish batches, processes of reader-heartbeat that share them, two gateways, and a broker and a database that can be killed. */
export class Fleet {
  /** The most readers that were seen dead at a time. */
  mostDead = 0;
  /** Processes that exited by themselves. @type {string[]} */
  unexpected = [];
  /** @type {ReturnType<typeof startFeeder>[]} */
  #senders = [];
  /** What is called with the next message of a process. @type {Map<string, (message: any) => void>} */
  #onMessage = new Map();

  /** @param {{ broker: FaultyBroker, database: FaultyDatabase, folder: string, ports: [number, number], size: Size }} parts */
  constructor({ broker, database, folder, ports, size }) {
    this.broker = broker;
    this.database = database;
    this.folder = folder;
    this.size = size;
    const [first, later] = ports;
    /** @type {Gateway} */
    this.gateway = { port: first, child: this.#child('gateway', 'gateway', { PORT: String(first) }) };
    /** Not started yet. @type {Gateway} */
    this.laterGateway = { port: later, child: this.#child('gateway-later', 'gateway', { PORT: String(later) }) };
    this.owners = Array.from({ length: size.owners }, (_, index) =>
      this.#child(`reader-heartbeat-${index}`, 'reader-heartbeat', {}),
    );
  }

  /** @param {Size} size */
  static async start(size) {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-fleet-'));
    const [broker, database] = await Promise.all([FaultyBroker.start(), FaultyDatabase.start()]);
    const fleet = new Fleet({ broker, database, folder, ports: [await freePort(), await freePort()], size });
    for (const child of fleet.services) child.start();
    await until(() => fleet.services.every(({ ready }) => ready));
    return fleet;
  }

  /** Those that run from the start. */
  get services() {
    return [this.gateway.child, ...this.owners];
  }

  startHosts() {
    const { readers, intervalSeconds } = this.size;
    const ofSender = readers / SENDERS;
    for (let from = 0; from < readers; from += ofSender) {
      const options = { from, intervalSeconds, firstSeconds: intervalSeconds };
      this.#senders.push(startFeeder(this.broker.directUrl, ofSender, options));
    }
  }

  /** Seconds until a gateway shows all readers as live. @param {Gateway} gateway */
  async secondsUntilLive({ port }) {
    const startedAt = performance.now();
    await until(async () => {
      const counts = await readersOf(port);
      this.mostDead = Math.max(this.mostDead, counts?.dead ?? 0);
      return (counts?.live ?? 0) >= this.size.readers;
    });
    return (performance.now() - startedAt) / 1_000;
  }

  /** What each program uses over some seconds; a service by itself, all processes of a server together. @param {number} seconds @returns {Promise<Usage[]>} */
  async usage(seconds) {
    const pids = this.#pids();
    const before = new Map([...pids.values()].flat().map((pid) => [pid, ofLiving(pid, cpuSecondsOf)]));
    await wait(seconds * 1_000);
    return [...pids].map(([name, ofName]) => {
      const cpuSeconds = sum(ofName.map((pid) => Math.max(0, ofLiving(pid, cpuSecondsOf) - (before.get(pid) ?? 0))));
      const mib = Math.round(sum(ofName.map((pid) => ofLiving(pid, proportionalMibOf))));
      return { name, cpuPercent: (100 * cpuSeconds) / seconds, mib };
    });
  }

  /** How late timers were since a process was ready, or since the last call. @param {Child[]} children @returns {Promise<Loop[]>} */
  async loops(children) {
    return Promise.all(
      children.map(async (child) => {
        const { p99, max, longestGc } = await this.#ask(child, { watch: 'end' });
        await this.#ask(child, { watch: 'begin' });
        return { name: child.name, p99, max, longestGc };
      }),
    );
  }

  /** `kill -9` of everything at once, then started. */
  async killAll() {
    for (const child of this.services) child.kill();
    await Promise.all([this.broker.kill(), this.database.kill()]);
    await Promise.all([this.broker.start(), this.database.start()]);
  }

  async close() {
    for (const sender of this.#senders) sender.stop();
    await Promise.all([...this.services, this.laterGateway.child].map((child) => child.stop()));
    await Promise.all([this.broker.close(), this.database.close()]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** @param {Child} child @param {import('./watched.mjs').Order} order @returns {Promise<any>} */
  #ask(child, order) {
    return new Promise((resolve) => {
      this.#onMessage.set(child.name, resolve);
      child.send(order);
    });
  }

  /** Of servers all processes, of senders none. @returns {Map<string, number[]>} */
  #pids() {
    const servers = descendantsOf(process.pid);
    const named = (/** @type {string} */ program) => servers.filter((pid) => commandOf(pid).startsWith(program));
    /** @type {[string, number[]][]} */
    const services = this.services.map(({ name, pid }) => [name, [pid]]);
    return new Map([...services, ['RabbitMQ', named('beam')], ['Postgres', named('postgres')]]);
  }

  /** @param {string} name @param {string} service @param {Record<string, string>} env */
  #child(name, service, env) {
    return new Child({
      name,
      script: `apps/${service}/bundle/main.js`,
      env: {
        RABBITMQ_URL: this.broker.directUrl,
        BROKER_SENDERS: 'unchecked',
        DATABASE_URL: this.database.directUrl,
        SIGNALBOX_MANAGEMENT_PORT: '0',
        SIGNALBOX_ADMIN_KEY_FILE: join(this.folder, 'admin.key'),
        HEARTBEAT_PARTITIONS: String(this.size.partitions),
        SIGNALBOX_MAX_READERS: String(2 * this.size.readers),
        NODE_OPTIONS: [`--max-old-space-size=${HEAP_MIB}`, ...watchedBy].join(' '),
        WATCHED_FROM_READY: '',
        ...env,
      },
      logFile: join(this.folder, `${name}.log`),
      onUnexpected: (detail) => this.unexpected.push(detail),
      onMessage: (message) => this.#onMessage.get(name)?.(message),
    });
  }
}

/** How many readers a gateway shows in each state; null before its first snapshot, undefined while it does not answer. @param {number} port @returns {Promise<Record<'loading' | 'live' | 'dead', number> | null | undefined>} */
async function readersOf(port) {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(10_000) });
    return /** @type {any} */ (await response.json()).readers;
  } catch {
    return undefined;
  }
}

/** @param {() => boolean | Promise<boolean>} condition */
async function until(condition) {
  const endsAt = performance.now() + LONGEST_WAIT_S * 1_000;
  while (!(await condition())) {
    if (performance.now() > endsAt) throw new Error(`not within ${LONGEST_WAIT_S} s: ${String(condition)}`);
    await wait(POLL_MS);
  }
}

/** @param {number} pid @returns {number[]} */
const descendantsOf = (pid) => childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);

/** @param {number} pid */
const commandOf = (pid) => ofLiving(pid, () => readFileSync(`/proc/${pid}/comm`, 'utf8'), '');

/** Resident memory, of which what several processes share counts once. @param {number} pid */
const proportionalMibOf = (pid) =>
  Number(/^Pss: +(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) / 1_024;

/** A process of a server may end at any time. @template T @param {number} pid @param {(pid: number) => T} read @param {T} [ended] */
function ofLiving(pid, read, ended = /** @type {any} */ (0)) {
  try {
    return read(pid);
  } catch {
    return ended;
  }
}

/** @param {number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);
