import 'reflect-metadata';
import { randomBytes, randomUUID } from 'node:crypto';
import { askedBy, type DatasourceRequest } from '@signalbox/contracts/messages';
import { SealedBody, sealRequest, type AmqpContext } from '@signalbox/nest-service';
import { openDatabase, type Database } from '@signalbox/persistence';
import { Metrics, systemClock } from '@signalbox/platform';
import { collectLogs, testDatabase, type TestDatabase } from '@signalbox/testing';
import { CheckRunner } from '../../src/checking/check-runner.js';
import { CheckScheduler } from '../../src/checking/check-scheduler.js';
import { FormerKeys } from '../../src/keys/former-keys.js';
import { readConfig, type Config } from '../../src/config.js';
import { migrations } from '../../src/database/data-source.js';
import type { Change } from '../../src/datasources/datasource-changes.js';
import { Resealing } from '../../src/keys/resealing.js';
import { Assignments } from '../../src/leases/assignments.js';
import { ChangeListener } from '../../src/leases/change-listener.js';
import { LeaseRepository } from '../../src/leases/lease.repository.js';
import { LeaseMetrics } from '../../src/leases/leases.metrics.js';
import { Leases } from '../../src/leases/leases.js';
import type { LeaseTimes } from '../../src/process/lease-times.js';
import { SyncProcess } from '../../src/process/sync-process.js';
import { AbandonedReleases } from '../../src/records/abandoned-releases.js';
import { RecordsMetrics } from '../../src/records/records.metrics.js';
import { StoredRecords } from '../../src/records/stored-records.js';
import { SourceVault } from '../../src/sources/source-vault.js';
import type { DatasourceRow } from '../../src/store/datasource.row.js';
import type { Assignment } from '../../src/work/assignment.js';
import type { Checks } from '../../src/work/checks.js';
import type { CheckResult } from '../../src/work/follower.js';

export const SECRET_KEY = randomBytes(32).toString('base64');

export const configOf = (url: string, env: Record<string, string> = {}): Config =>
  readConfig({ DATABASE_URL: url, RABBITMQ_URL: 'amqp://unused', SIGNALBOX_SECRET_KEYS: SECRET_KEY, ...env });

/** Short, so that a test need not wait for the times of the service. */
export const SHORT_TIMES: LeaseTimes = { validMs: 3_000, marginMs: 200, renewMs: 500, lookMs: 100 };

const { logger, lines } = collectLogs();
/** What the instances of a file logged. */
export const logLines = lines;

/** A database of its own, with the schema of the service. */
export class TestStore {
  private readonly opened: Database[] = [];

  private constructor(private readonly server: TestDatabase) {}

  static async start(): Promise<TestStore> {
    return new TestStore(await testDatabase());
  }

  get url(): string {
    return this.server.url;
  }

  /** As a process has it. */
  async open(url = this.url): Promise<Database> {
    const database = await openDatabase({
      url,
      schema: 'datasource_sync',
      applicationName: 'test',
      poolSize: 5,
      entities: [],
      migrations,
      logger,
    });
    this.opened.push(database);
    return database;
  }

  async close(): Promise<void> {
    await Promise.all(this.opened.map((database) => database.close()));
    await this.server.remove();
  }
}

export const READY: CheckResult = {
  outcome: 'ready',
  credentialsRefused: false,
  failures: [],
  advisories: [],
  duration_ms: 1,
};

/** Stands for the workers: it ends work at once, and checks as a test says. */
export class FakeFleet implements Checks {
  readonly assigned: Assignment[] = [];
  readonly work = new Map<string, Assignment>();
  readonly checked: Assignment[] = [];
  result: (assignment: Assignment) => CheckResult | Promise<CheckResult> = () => READY;
  /** What `release` leaves at the source; undefined: it does not end. */
  left: readonly string[] | null | undefined = null;

  async check(assignment: Assignment): Promise<CheckResult> {
    this.checked.push(assignment);
    return this.result(assignment);
  }

  drive(leases: Leases, records: StoredRecords): void {
    leases.onAssigned((assignment) => {
      const { id, fence, task } = assignment;
      this.assigned.push(assignment);
      this.work.set(id, assignment);
      if (task === 'release' && this.left !== undefined) setImmediate(() => records.released(id, fence, this.left!));
    });
    leases.onReleased((id) => {
      const fence = this.work.get(id)?.fence ?? 0;
      this.work.delete(id);
      setImmediate(() => records.released(id, fence, null));
    });
  }
}

/** What of the service decides which datasources a process works on, checks them, and stores what is reported. */
export class SyncInstance {
  readonly fleet = new FakeFleet();
  readonly own: SyncProcess;
  readonly repository: LeaseRepository;
  readonly leases: Leases;
  readonly records: StoredRecords;
  readonly abandoned: AbandonedReleases;
  readonly resealing: Resealing;
  private readonly stops: (() => unknown)[] = [];

  constructor(
    readonly database: Database,
    readonly config: Config,
    times = SHORT_TIMES,
  ) {
    const metrics = new Metrics({ service: 'test' });
    const vault = new SourceVault(config);
    this.own = new SyncProcess(database, systemClock, times);
    this.repository = new LeaseRepository(database);
    this.leases = new Leases(
      this.repository,
      this.own,
      new Assignments(vault, config, logger),
      new ChangeListener(config, systemClock, logger),
      new LeaseMetrics(metrics),
      systemClock,
      logger,
      times,
    );
    const recordsMetrics = new RecordsMetrics(metrics);
    this.records = new StoredRecords(database, this.leases, recordsMetrics, systemClock, logger);
    this.abandoned = new AbandonedReleases(database, this.leases, systemClock, logger);
    const runner = new CheckRunner(database, recordsMetrics, this.fleet, systemClock, logger);
    const scheduler = new CheckScheduler(this.leases, runner, systemClock, logger);
    this.resealing = new Resealing(database, vault, logger);
    const formerKeys = new FormerKeys(this.leases, database, vault, systemClock, logger);
    this.fleet.drive(this.leases, this.records);
    this.stops.push(
      () => scheduler.onModuleDestroy(),
      () => formerKeys.onModuleDestroy(),
    );
  }

  start(): this {
    this.leases.onApplicationBootstrap();
    this.records.onApplicationBootstrap();
    return this;
  }

  /** As SIGKILL does: it renews nothing any more, and gives nothing back. */
  kill(): void {
    this.own.renew = () => Promise.reject(new Error('killed'));
  }

  async stop(): Promise<void> {
    for (const stop of this.stops) stop();
    await this.leases.onModuleDestroy();
    await this.records.beforeApplicationShutdown();
  }
}

interface Asked extends Partial<Omit<DatasourceRequest, 'sealed'>> {
  readonly body?: unknown;
}

/** What opens the bodies of requests. */
export const sealedBodyOf = ({ SIGNALBOX_SECRET_KEYS: keys }: Config): SealedBody =>
  new SealedBody({ keys, service: 'datasource-sync', clock: systemClock });

/** A request as the gateway sends it. */
export function asked(config: Config, { body, ...request }: Asked = {}): Change {
  const { publicKey } = sealedBodyOf(config);
  const message = { type: 'test', messageId: randomUUID() };
  const full: DatasourceRequest = {
    by: askedBy.parse({ key_id: 'key', request_id: 'req_1', address: '127.0.0.1' }),
    account: 'acme',
    mode: 'live',
    ...request,
  };
  return {
    request: body === undefined ? full : sealRequest(full, body, { publicKey, now: Date.now(), ...message }),
    context: { messageId: message.messageId, delivery: { type: message.type }, deadline: undefined } as AmqpContext,
    action: 'test',
  };
}

export async function rowOf(database: Database, id: string): Promise<DatasourceRow | undefined> {
  const [row] = await database.dataSource.query<DatasourceRow[]>('SELECT * FROM datasource WHERE id = $1', [id]);
  return row;
}
