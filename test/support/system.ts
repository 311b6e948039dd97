import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, testBroker, testDatabase, type TestBroker, type TestDatabase } from '@signalbox/testing';
import { ServiceInProcess } from './service-in-process.js';
import { ServiceProcess } from './service-process.js';
import type { Service } from './service.js';

export interface ReaderInfo {
  consumer_groups: string[];
  consumer_name: string;
  device: string;
  model_name: string;
  model_type: string;
  pids: number[];
}

export interface ReaderStatus {
  config: Record<string, unknown>;
  status: null | {
    dead_readers: Record<string, ReaderInfo>;
    live_readers: Record<string, ReaderInfo>;
    loading_readers: Record<string, ReaderInfo>;
    last_heartbeat: Record<string, { heartbeat_timestamp: number; heartbeat_wait_interval: number }>;
    reserved_consumers: string[];
  };
}

type Environment = Record<string, string>;

/** A broker and a database of its own, and the services that a test starts on them: as processes, or inside the test (`inProcess`). */
export class System<S extends Service = ServiceProcess> {
  private readonly services = new Map<string, Service>();
  private readonly home = mkdtempSync(join(tmpdir(), 'signalbox-system-'));
  private readonly secretKeys = randomBytes(32).toString('base64');
  private gatewayPort = 0;
  managementPort = 0;

  private constructor(
    readonly broker: TestBroker,
    readonly database: TestDatabase,
    private readonly launch: (name: string, env: Environment) => S,
  ) {}

  /** @param database instead of a fresh one on the server of this test run */
  static async create(database?: TestDatabase): Promise<System> {
    const launch = (name: string, env: Environment): ServiceProcess => new ServiceProcess(name, env);
    return new System(await testBroker(), database ?? (await testDatabase()), launch);
  }

  /**
   * Its services run in the process of the test.
   * @param database instead of a fresh one
   */
  static async inProcess(database?: TestDatabase): Promise<SystemInProcess> {
    const launch = (name: string, env: Environment): ServiceInProcess => new ServiceInProcess(name, env);
    return new System(await testBroker(), database ?? (await testDatabase()), launch);
  }

  /** The environment of every service. */
  get environment(): Environment {
    return {
      RABBITMQ_URL: this.broker.url,
      // Its one user does everything, so that tests can send in place of any service.
      BROKER_SENDERS: 'unchecked',
      DATABASE_URL: this.database.url,
      SIGNALBOX_MANAGEMENT_PORT: '0',
      SIGNALBOX_SECRET_KEYS: this.secretKeys,
    };
  }

  start(name: string, env: Environment = {}): S {
    const service = this.launch(name, { ...this.environment, ...env });
    this.services.set(name, service);
    return service;
  }

  /** Starts a gateway inside the test and waits until it has its snapshots (of its own stream at least). */
  startGateway(env: Environment = {}): Promise<ServiceInProcess> {
    return this.use(new ServiceInProcess('gateway', this.gatewayEnvironment(env)));
  }

  /** The same with a gateway as the other services run, for tests of its signals. */
  startGatewayProcess(env: Environment = {}): Promise<ServiceProcess> {
    return this.use(new ServiceProcess('gateway', this.gatewayEnvironment(env)));
  }

  async startReaderHeartbeat(env: Environment = {}): Promise<S> {
    const service = this.start('reader-heartbeat', env);
    await service.ready;
    return service;
  }

  /** The process of a service that was started last. */
  service(name: string): S {
    return this.services.get(name) as S;
  }

  /** Ends a service with SIGKILL. */
  async kill(this: System, name: string): Promise<void> {
    await this.service(name).kill();
  }

  get adminKeyFile(): string {
    return join(this.home, 'admin.key');
  }

  get adminKey(): string {
    return readFileSync(this.adminKeyFile, 'utf8').trim();
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.gatewayPort}`;
  }

  /** A GET with the admin key, unless other headers are given. */
  get(path: string, headers: Record<string, string> = { 'x-api-key': this.adminKey }): Promise<Response> {
    return fetch(`${this.baseUrl}${path}`, { headers, redirect: 'manual' });
  }

  /** A request with a JSON body and the admin key. */
  send(method: string, path: string, body?: unknown, key = this.adminKey): Promise<Response> {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    return fetch(`${this.baseUrl}${path}`, { method, headers: { 'x-api-key': key, ...type }, ...content });
  }

  async status(): Promise<ReaderStatus> {
    const response = await this.get('/status');
    if (response.status !== 200) throw new Error(`GET /status: ${response.status} ${await response.text()}`);
    return (await response.json()) as ReaderStatus;
  }

  /** `/readyz?verbose` of the gateway. */
  async health(): Promise<{
    status: string;
    checks: Record<string, { status: string; since?: number; detail?: string }>;
  }> {
    const response = await fetch(`http://127.0.0.1:${this.managementPort}/readyz?verbose`);
    return (await response.json()) as Awaited<ReturnType<System['health']>>;
  }

  /** Which of the documented maps a reader is in; undefined: in none. */
  async mapOf(readerId: string): Promise<string | undefined> {
    const { status } = await this.status();
    const maps = { live: status?.live_readers, loading: status?.loading_readers, dead: status?.dead_readers };
    return Object.entries(maps).find(([, map]) => map !== undefined && Object.hasOwn(map, readerId))?.[0];
  }

  /** The environment of a gateway. */
  gatewayEnvironment(env: Environment = {}): Environment {
    return { ...this.environment, PORT: '0', SIGNALBOX_ADMIN_KEY_FILE: this.adminKeyFile, ...env };
  }

  private async use<Gateway extends Service>(gateway: Gateway): Promise<Gateway> {
    this.services.set('gateway', gateway);
    const { port, managementPort } = await gateway.ready;
    this.gatewayPort = port!;
    this.managementPort = managementPort;
    await eventually(async () => (await this.get('/v1/keys')).status === 200);
    return gateway;
  }

  async close(): Promise<void> {
    await Promise.all([...this.services.values()].map((service) => service.stop()));
    await this.broker.remove();
    await this.database.remove();
    rmSync(this.home, { recursive: true, force: true });
  }
}

export type SystemInProcess = System<ServiceInProcess>;
