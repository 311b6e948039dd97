import 'reflect-metadata';
import { REMOVABLE_AFTER_MS, type DataplaneReport, type DeleteDataplaneRequest } from '@signalbox/contracts/messages';
import type { Amqp } from '@signalbox/messaging';
import type { AmqpContext } from '@signalbox/nest-service';
import { openDatabase, type Database } from '@signalbox/persistence';
import { Metrics } from '@signalbox/platform';
import { collectLogs, FakeClock, testDatabase, type TestDatabase } from '@signalbox/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrations } from '../src/database/data-source.js';
import { DataplaneQueues } from '../src/dataplanes/dataplane-queues.js';
import { DataplaneRepository } from '../src/dataplanes/dataplane.repository.js';
import type { CancelSender } from '../src/operations/cancel-sender.js';
import { OperationLog } from '../src/operations/operation-log.js';
import { OperationRepository } from '../src/operations/operation.repository.js';
import { OperationMetrics } from '../src/operations/operations.metrics.js';
import { DeleteDataplaneCommand } from '../src/removal/delete-dataplane.command.js';
import { KnownDataplanes } from '../src/reports/known-dataplanes.js';
import type { OverdueReports } from '../src/reports/overdue-reports.js';
import { RemovedDataplanes } from '../src/reports/removed-dataplanes.js';
import { ReportAnnouncer } from '../src/reports/report-announcer.js';
import { restartOf } from '../src/restarts/restart.rules.js';
import { RestartRepository } from '../src/restarts/restart.repository.js';
import { BY, run } from './run-command.js';

const report = (boot_id: string, seq: number): DataplaneReport =>
  ({ dataplane: 'main', boot_id, seq, engine: 'local', state: 'running' }) as DataplaneReport;

/** What a process of dataplane-control knows; several share the database. */
interface Process {
  readonly known: KnownDataplanes;
  readonly announcer: ReportAnnouncer;
  readonly removed: RemovedDataplanes;
  readonly command: DeleteDataplaneCommand;
}

let server: TestDatabase;
let database: Database;
let clock: FakeClock;
let operations: OperationLog;
/** What was done with queues at the broker. */
let atBroker: string[];
let isBrokerUp: boolean;
const dataplanes = new DataplaneRepository();
const restarts = new RestartRepository();
const operationRepository = new OperationRepository();
const { logger } = collectLogs();

beforeAll(async () => {
  server = await testDatabase();
  database = await openDatabase({
    url: server.url,
    schema: 'dataplane_control',
    applicationName: 'test',
    poolSize: 3,
    entities: [],
    migrations,
    logger,
  });
});
afterAll(async () => {
  await database?.close();
  await server?.remove();
});
beforeEach(async () => {
  for (const table of ['dataplane', 'operation', 'restart', 'outbox', 'inbox'])
    await database.dataSource.manager.query(`DELETE FROM ${table}`);
  clock = new FakeClock();
  atBroker = [];
  isBrokerUp = true;
  const metrics = new OperationMetrics(new Metrics({ service: 'test' }), database, operationRepository);
  const sender = {} as CancelSender;
  operations = new OperationLog(database, operationRepository, dataplanes, metrics, sender, clock);
});

async function start(): Promise<Process> {
  const amqp = {
    publisher: { publish: async () => undefined },
    declare: async () => void atBroker.push('declared'),
    forget: () => undefined,
    undeclare: async (_: unknown, queues: readonly string[]) => {
      if (!isBrokerUp) throw new Error('no connection');
      atBroker.push(`deleted ${queues.join(' ')}`);
    },
  } as unknown as Amqp;
  const queues = new DataplaneQueues(amqp, clock);
  const known = new KnownDataplanes(database, dataplanes, clock);
  await known.onModuleInit();
  const announcer = new ReportAnnouncer(amqp, clock, logger);
  const overdue = { received: () => undefined } as unknown as OverdueReports;
  const removed = new RemovedDataplanes(database, dataplanes, queues, known, overdue, announcer, clock, logger);
  const command = new DeleteDataplaneCommand(
    database,
    dataplanes,
    queues,
    restarts,
    operations,
    announcer,
    removed,
    clock,
    logger,
  );
  return { known, announcer, removed, command };
}

/** As from an agent: accepted, shown, stored. */
async function receive({ known, announcer }: Process, given: DataplaneReport): Promise<boolean> {
  if (!known.accept(given)) return false;
  announcer.announce(given);
  return known.store(given);
}

let requests = 0;
const remove = (
  { command }: Process,
  { messageId = `m-${(requests += 1)}`, ...more }: Partial<DeleteDataplaneRequest> & { messageId?: string } = {},
) =>
  command.execute({ dataplane: 'main', silent_ms: null, by: BY, ...more }, {
    messageId,
    deadline: undefined,
  } as AmqpContext);
const stored = () => dataplanes.names(database.dataSource.manager);
const audited = async () =>
  (
    await database.dataSource.manager.query<{ entry: object }[]>(
      `SELECT changes AS entry FROM outbox WHERE stream = 'audit' ORDER BY seq`,
    )
  ).map(({ entry }) => entry);

describe('removing a dataplane', () => {
  it('is refused while it reports, and says for how long it must not', async () => {
    const process = await start();
    await receive(process, report('a', 0));
    clock.advance(REMOVABLE_AFTER_MS);
    const refused = { code: 'dataplane_reports', message: expect.stringContaining('has not reported for 15 s') };
    await expect(remove(process)).rejects.toMatchObject(refused);
    clock.advance(1);
    // The gateway may have seen a report that another process received.
    await expect(remove(process, { silent_ms: 2_000 })).rejects.toMatchObject(refused);
    // A process that has just started may have missed its reports.
    await expect(remove(await start(), { silent_ms: null })).rejects.toMatchObject(refused);
    expect([await stored(), atBroker, await audited()]).toEqual([['main'], [], []]);
    await remove(process, { silent_ms: 60_000 });
    expect(await stored()).toEqual([]);
  });

  it('frees its name, deletes its queues, and is recorded', async () => {
    const process = await start();
    await receive(process, report('a', 0));
    for (let index = 1; index < 100; index += 1)
      process.known.accept({ ...report('x', 0), dataplane: `plane-${index}` });
    const other = { ...report('x', 0), dataplane: 'one-more' };
    expect(() => process.known.accept(other)).toThrow('DELETE /v1/dataplanes/{name}');
    clock.advance(REMOVABLE_AFTER_MS + 1);
    expect(await remove(process)).toEqual({ seq: expect.any(Number) });
    expect(process.known.accept(other)).toBe(true);
    expect(atBroker).toEqual(['deleted dataplane.main.control dataplane.main.operations']);
    expect(await audited()).toEqual([
      expect.objectContaining({ action: 'delete-dataplane', resource: 'main', result: 'done', key_id: 'key' }),
    ]);
    expect(process.announcer.stateOf('main')).toBeUndefined();
    await expect(remove(process)).rejects.toMatchObject({ code: 'unknown_dataplane' });
  });

  it('knows it again after its next report, of whatever incarnation', async () => {
    const process = await start();
    for (const boot of ['a', 'b']) await receive(process, report(boot, 0));
    clock.advance(REMOVABLE_AFTER_MS + 1);
    await remove(process);
    expect(await receive(process, report('a', 1))).toBe(true);
    expect(await stored()).toEqual(['main']);
  });

  it('cancels its operations that wait or run, with the reason, and keeps those that have ended', async () => {
    const process = await start();
    await receive(process, report('a', 0));
    const event = { dataplane: 'main', boot_id: 'a', at: 2_000, kind: 'operation' } as const;
    const [waiting, running, done, late] = ['op-000000000w', 'op-000000000r', 'op-000000000d', 'op-000000000l'];
    for (const operation_id of [waiting, running, done])
      await operations.commandSent({ ...run, operation_id: operation_id! });
    await operations.event({ ...event, operation_id: running!, step: 'started' });
    await operations.event({ ...event, operation_id: done!, step: 'failed', error: 'no such folder' });
    clock.advance(REMOVABLE_AFTER_MS + 1);
    await remove(process);
    // One that was sent while it was removed.
    await operations.commandSent({ ...run, operation_id: late! });
    const found = await Promise.all(
      [waiting, running, late, done].map((id) => operationRepository.find(database.dataSource.manager, id!)),
    );
    const cancelled = { state: 'cancelled', error: 'Its dataplane was removed.' };
    expect(found).toMatchObject([cancelled, cancelled, cancelled, { state: 'failed', error: 'no such folder' }]);
    // What its agent has done all the same is not hidden.
    await operations.event({ ...event, operation_id: running!, step: 'finished', result: { files: 1 } });
    expect(await operationRepository.find(database.dataSource.manager, running!)).toMatchObject({
      state: 'finished',
      error: null,
    });
  });

  it('is refused while a restart has not ended, and says until when', async () => {
    const process = await start();
    await receive(process, report('a', 0));
    const restart_id = 'restart-0123456789abcdef01234567';
    const at = { requested_at: 1_000, expires_at: Date.UTC(2027, 0, 1) };
    const command = { restart_id, dataplane: 'main', boot_id: 'a', drain_seconds: 0, reason: null, by: BY, ...at };
    await database.streamTransaction('dataplane', (transaction) =>
      restarts.add(transaction, restartOf(command, 'requested')),
    );
    clock.advance(REMOVABLE_AFTER_MS + 1);
    await expect(remove(process)).rejects.toMatchObject({
      code: 'restart_not_ended',
      message: expect.stringMatching(/restart-0123456789abcdef01234567.*2027-01-01T00:00:00/),
    });
    expect(await stored()).toEqual(['main']);
  });

  it('goes back to its queue until the broker has deleted the queues, and is done once', async () => {
    const process = await start();
    await receive(process, report('a', 0));
    clock.advance(REMOVABLE_AFTER_MS + 1);
    isBrokerUp = false;
    await expect(remove(process, { messageId: 'one' })).rejects.toMatchObject({ name: 'TryAgain' });
    isBrokerUp = true;
    expect(await remove(process, { messageId: 'one' })).toEqual({ seq: expect.any(Number) });
    expect(atBroker).toEqual(['deleted dataplane.main.control dataplane.main.operations']);
    expect(await audited()).toHaveLength(1);
  });

  it('is learned by the other processes', async () => {
    const [process, other] = [await start(), await start()];
    await receive(other, report('a', 0));
    other.removed.onApplicationBootstrap();
    clock.advance(REMOVABLE_AFTER_MS + 1);
    await remove(process);
    expect(other.known.storedNames).toEqual(['main']);
    await expect
      .poll(() => {
        clock.advance(5_000);
        return other.known.storedNames;
      })
      .toEqual([]);
    expect(other.announcer.stateOf('main')).toBeUndefined();
    other.removed.onModuleDestroy();
    expect(await receive(other, report('a', 1))).toBe(true);
  });
});
