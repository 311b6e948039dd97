import 'reflect-metadata';
import {
  restartDeadline,
  runCommand,
  shutdownCommand,
  type DataplaneEvent,
  type RestartEvent,
  type ShutdownCommand,
} from '@signalbox/contracts/messages';
import { AmqpContext } from '@signalbox/nest-service';
import { Database, openDatabase } from '@signalbox/persistence';
import { Metrics, systemClock } from '@signalbox/platform';
import { collectLogs, testDatabase, type TestDatabase } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrations } from '../src/database/data-source.js';
import { DataplaneRepository } from '../src/dataplanes/dataplane.repository.js';
import { EventsController } from '../src/events/events.controller.js';
import { CancelOperationCommand } from '../src/operations/cancel-operation.command.js';
import type { CancelSender } from '../src/operations/cancel-sender.js';
import { OperationLog } from '../src/operations/operation-log.js';
import { OperationRepository } from '../src/operations/operation.repository.js';
import { OperationMetrics } from '../src/operations/operations.metrics.js';
import { RestartLog } from '../src/restarts/restart-log.js';
import { RestartRepository } from '../src/restarts/restart.repository.js';
import { RestartMetrics } from '../src/restarts/restarts.metrics.js';
import { BY, run } from './run-command.js';

const RESTART = 'restart-0123456789abcdef01234567';
const shutdown: ShutdownCommand = {
  restart_id: RESTART,
  dataplane: 'main',
  boot_id: 'a',
  drain_seconds: 5,
  requested_at: 1_000,
  expires_at: Date.now() + 60_000,
  reason: 'new rules',
  by: BY,
};
const acknowledged: RestartEvent = {
  dataplane: 'main',
  boot_id: 'a',
  at: 2_000,
  kind: 'restart',
  restart_id: RESTART,
  step: 'acknowledged',
  command: shutdown,
};
const { command: _shutdown, ...withoutCommand } = acknowledged;

let server: TestDatabase;
let database: Database;
let restarts: RestartLog;
let operations: OperationLog;
let cancelOperation: CancelOperationCommand;
/** The operations for which the command to cancel them was sent. */
let cancelSent: string[];
/** Whether the broker takes what is sent. */
let isSent: boolean;
const cancellations = {
  send: async ({ id }: { id: string }) => {
    cancelSent.push(id);
    return isSent;
  },
} as unknown as CancelSender;
let controller: EventsController;
let metrics: Metrics;
const repository = new RestartRepository();
const { logger } = collectLogs();

beforeEach(async () => {
  cancelSent = [];
  isSent = true;
  server = await testDatabase();
  database = await openDatabase({
    url: server.url,
    schema: 'dataplane_control',
    applicationName: 'test',
    poolSize: 4,
    entities: [],
    migrations,
    logger,
  });
  const dataplanes = new DataplaneRepository();
  metrics = new Metrics({ service: 'test' });
  const restartMetrics = new RestartMetrics(metrics, database, repository);
  restarts = new RestartLog(database, repository, dataplanes, restartMetrics, systemClock, logger);
  const operationRepository = new OperationRepository();
  const operationMetrics = new OperationMetrics(metrics, database, operationRepository);
  operations = new OperationLog(
    database,
    operationRepository,
    dataplanes,
    operationMetrics,
    cancellations,
    systemClock,
  );
  cancelOperation = new CancelOperationCommand(
    database,
    dataplanes,
    operationRepository,
    operationMetrics,
    cancellations,
    systemClock,
  );
  controller = new EventsController(restarts, operations);
  await database.streamTransaction('dataplane', async (transaction) => {
    for (const name of ['main', 'other'])
      await dataplanes.put(transaction, { name, boot_id: 'a', engine: 'local', first_seen_at: 1, up_since: 1 });
  });
});
afterEach(async () => {
  await database.close();
  await server.remove();
});

const shown = () => repository.find(database.dataSource.manager, RESTART);
const operation = () => new OperationRepository().find(database.dataSource.manager, run.operation_id);
/** As the journal keeps them: each action of each request once. */
const audited = () =>
  database.dataSource.manager.query<{ result: string }[]>(
    `SELECT result FROM (
       SELECT DISTINCT ON (changes->>'request_id', changes->>'action') changes->>'result' AS result, seq
       FROM outbox WHERE stream = 'audit' ORDER BY changes->>'request_id', changes->>'action', seq
     ) AS entries ORDER BY seq`,
  );
const receive = (event: DataplaneEvent, tries = 1): Promise<void> =>
  controller.onEvent(
    event,
    new AmqpContext({
      body: event,
      routingKey: `dataplane.${event.dataplane}.events`,
      user: undefined,
      messageId: undefined,
      type: undefined,
      headers: {},
      redelivered: false,
      deadline: undefined,
      tries,
    }),
  );

/** How often a restart or an operation has ended so. */
const ended = async (what: 'restart' | 'operation', result: string): Promise<number> => {
  const series = `signalbox_${what}_duration_seconds_count{result="${result}"`;
  const line = (await metrics.text()).split('\n').find((each) => each.startsWith(series));
  return Number(line?.split(' ').at(-1) ?? 0);
};

it('shows every end before the first restart or operation has ended, so that the first shows as an increase', async () => {
  const lines = (await metrics.text()).split('\n').filter((line) => /^signalbox_\w+_duration_seconds_count/.test(line));
  expect(lines).toEqual([
    ...['healthy', 'expired', 'timed_out'].map((end) => expect.stringMatching(`restart.*result="${end}".* 0$`)),
    ...['finished', 'failed', 'cancelled'].map((end) => expect.stringMatching(`operation.*result="${end}".* 0$`)),
  ]);
});

it('counts the end of a restart and of an operation once, however often it is reported', async () => {
  const { dataplane, operation_id } = run;
  const event = { dataplane, boot_id: 'a', at: 2_000, kind: 'operation', operation_id } as const;
  for (const _ of [1, 2]) {
    await receive({ ...acknowledged, step: 'expired' });
    await receive({ ...event, step: 'failed', error: 'no such folder', command: run });
  }
  expect(await shown()).toMatchObject({ state: 'expired' });
  expect([await ended('restart', 'expired'), await ended('operation', 'failed')]).toEqual([1, 1]);
});

it('counts a restart at both ends that was reported as expired and is executed all the same', async () => {
  await receive({ ...acknowledged, step: 'expired' });
  await receive(acknowledged);
  await restarts.timedOut((await shown())!);
  expect(await shown()).toMatchObject({ state: 'timed_out' });
  expect([await ended('restart', 'expired'), await ended('restart', 'timed_out')]).toEqual([1, 1]);
});

describe('an event that arrives before the copy of its command', () => {
  it('creates the restart from the command that it carries, and leaves the audit log to the copy', async () => {
    await receive(acknowledged);
    expect(await shown()).toMatchObject({
      id: RESTART,
      state: 'acknowledged',
      reason: 'new rules',
      drain_seconds: 5,
      deadline: shutdown.expires_at,
      requested_by: BY,
      timeline: [
        { state: 'sent', at: 1_000 },
        { state: 'acknowledged', at: 2_000 },
      ],
    });
    expect(await audited()).toEqual([]);
    await restarts.commandSent(shutdown);
    await restarts.commandSent(shutdown);
    expect((await shown())?.timeline).toHaveLength(2);
    expect(await audited()).toEqual([{ result: 'sent' }]);
  });

  it('gives way to the copy in what it says of the command', async () => {
    await receive({ ...acknowledged, command: { ...shutdown, reason: 'made up', by: { ...BY, key_id: 'other' } } });
    await restarts.commandSent(shutdown);
    expect(await shown()).toMatchObject({ state: 'acknowledged', reason: 'new rules', requested_by: BY });
  });

  it('changes nothing of a restart whose copy names another dataplane, however it names it', async () => {
    const forged = { ...acknowledged, dataplane: 'other', command: { ...shutdown, dataplane: 'other' } };
    const { command: _, ...bare } = forged;
    // Before its copy: what was made up under its id gives way to it.
    for (const step of ['acknowledged', 'draining', 'down'] as const) await receive({ ...forged, step });
    await restarts.commandSent(shutdown);
    expect(await shown()).toMatchObject({ dataplane: 'main', state: 'sent', requested_by: BY });
    expect((await shown())?.timeline).toEqual([{ state: 'sent', at: 1_000 }]);
    // After it.
    for (const event of [forged, bare])
      for (const step of ['acknowledged', 'draining', 'down', 'expired'] as const)
        await expect(receive({ ...event, step })).rejects.toMatchObject({ reason: 'wrong-dataplane' });
    await restarts.incarnationReported('other', { boot_id: 'b', isHealthy: true });
    expect((await shown())?.timeline).toHaveLength(1);
    await receive({ ...acknowledged, step: 'draining' });
    expect((await shown())?.timeline.map(({ state }) => state)).toEqual(['sent', 'draining']);
  });

  it('changes nothing of an operation whose copy names another dataplane either', async () => {
    const { operation_id } = run;
    const command = { ...run, dataplane: 'other' };
    const forged = { dataplane: 'other', boot_id: 'a', at: 2_000, kind: 'operation', operation_id } as const;
    await receive({ ...forged, step: 'finished', result: { files: 0 }, command });
    await operations.commandSent(run);
    expect(await operation()).toMatchObject({ dataplane: 'main', state: 'queued', result: null });
    for (const event of [forged, { ...forged, command }])
      for (const step of ['started', 'interrupted', 'finished', 'failed', 'cancelled'] as const)
        await expect(receive({ ...event, step })).rejects.toMatchObject({ reason: 'wrong-dataplane' });
    expect(await operation()).toMatchObject({ state: 'queued', timeline: [{ state: 'queued' }] });
  });

  it('creates the operation, too', async () => {
    const { dataplane, operation_id } = run;
    const event = { dataplane, boot_id: 'a', at: 2_000, kind: 'operation', operation_id } as const;
    await receive({ ...event, step: 'started', command: run });
    await receive({ ...event, step: 'finished', result: { files: 1 } });
    await operations.commandSent(run);
    expect(await operation()).toMatchObject({ state: 'finished', request: run.request, result: { files: 1 } });
    expect(await audited()).toEqual([{ result: 'queued' }]);
  });

  it('is retried where it carries no command, and dead-lettered with a reason after the last try', async () => {
    await expect(receive(withoutCommand)).rejects.toMatchObject({ name: 'CommandUnknown' });
    await expect(receive(withoutCommand, 3)).rejects.toMatchObject({ name: 'CommandUnknown' });
    await expect(receive(withoutCommand, 4)).rejects.toMatchObject({ name: 'DeadMessage', reason: 'unknown-restart' });
    expect(await shown()).toBeUndefined();
    await restarts.commandSent(shutdown);
    await receive(withoutCommand, 2);
    expect(await shown()).toMatchObject({ state: 'acknowledged' });
  });

  it.each([
    ['another restart', { ...shutdown, restart_id: 'restart-ffffffffffffffffffffffff' }],
    ['another dataplane', { ...shutdown, dataplane: 'other' }],
  ])('is dead-lettered where it carries the command of %s', async (_what, command) => {
    await expect(receive({ ...acknowledged, command })).rejects.toMatchObject({ reason: 'wrong-command' });
  });

  it('is dead-lettered where its dataplane has never reported', async () => {
    const command = { ...shutdown, dataplane: 'unknown' };
    await expect(receive({ ...acknowledged, dataplane: 'unknown', command })).rejects.toMatchObject({
      reason: 'unknown-dataplane',
    });
  });

  it('is not believed about another incarnation than the command means', async () => {
    await receive({ ...acknowledged, boot_id: 'b' });
    expect(await shown()).toMatchObject({ state: 'sent' });
  });

  it('creates nothing that ends later than a command of now, or is newer than that', async () => {
    const late = 9_000_000_000_000_000;
    await receive({ ...acknowledged, command: { ...shutdown, requested_at: late, expires_at: late } });
    const { deadline = 0, timeline = [] } = (await shown()) ?? {};
    expect(timeline[0]?.at).toBeLessThanOrEqual(Date.now());
    expect(deadline).toBeLessThanOrEqual(restartDeadline(Date.now(), shutdown.drain_seconds));
    const event = { dataplane: 'main', boot_id: 'a', at: 2_000, kind: 'operation', step: 'started' } as const;
    await receive({ ...event, operation_id: run.operation_id, command: { ...run, requested_at: late } });
    expect((await operation())?.timeline[0]?.at).toBeLessThanOrEqual(Date.now());
    // Cursors have no sign.
    expect(shutdownCommand.safeParse({ ...shutdown, requested_at: -1 }).success).toBe(false);
    expect(runCommand.safeParse({ ...run, requested_at: -1 }).success).toBe(false);
  });

  it('is retried until the copy is there, where it is large', async () => {
    const { dataplane, operation_id } = run;
    const event = { dataplane, boot_id: 'a', at: 2_000, kind: 'operation', operation_id } as const;
    const finished = { ...event, step: 'finished', result: 'x'.repeat(20_000), command: run } as const;
    await expect(receive(finished)).rejects.toMatchObject({ name: 'CommandUnknown' });
    await receive({ ...event, step: 'started', command: run });
    await expect(receive(finished)).rejects.toMatchObject({ name: 'CommandUnknown' });
    await operations.commandSent(run);
    await receive(finished, 2);
    expect(await operation()).toMatchObject({ state: 'finished' });
    const by = { ...BY, address: 'x'.repeat(20_000) };
    await expect(receive({ ...acknowledged, command: { ...shutdown, by } })).rejects.toMatchObject({
      reason: 'too-large-unconfirmed',
    });
  });

  it('creates at most 1,000 restarts of a dataplane that wait for their copy', async () => {
    await database.dataSource.manager.query(
      `INSERT INTO restart (id, dataplane, state, entry, confirmed) SELECT n::text, 'main', 'expired', '{}', false FROM generate_series(1, 1000) AS n`,
    );
    await expect(receive(acknowledged)).rejects.toMatchObject({ reason: 'too-many-unconfirmed' });
    await database.dataSource.manager.query(`UPDATE restart SET confirmed = true WHERE id = '7'`);
    await receive(acknowledged);
    expect(await shown()).toMatchObject({ state: 'acknowledged' });
  });
});

describe('an event with a wrong key', () => {
  it('is dead-lettered', async () => {
    const context = { delivery: { routingKey: 'dataplane.other.events', tries: 1 } } as AmqpContext;
    await expect(controller.onEvent(acknowledged, context)).rejects.toMatchObject({ reason: 'wrong-key' });
  });
});

describe('cancelling an operation', () => {
  const { dataplane, operation_id } = run;
  const cancel = () => cancelOperation.execute({ dataplane, operation_id, by: { ...BY, request_id: 'req_2' } });
  const event = (step: 'started' | 'interrupted' | 'finished' | 'cancelled') =>
    operations.event({ dataplane, boot_id: 'a', at: 2_000, kind: 'operation', operation_id, step });
  const steps = async () => (await operation())?.timeline.map(({ state }) => state);

  it('ends one that waits at once, counts it once, and records who did it', async () => {
    await operations.commandSent(run);
    expect(await cancel()).toMatchObject({ seq: expect.any(Number), operation: { state: 'cancelled' } });
    expect(await cancel()).toMatchObject({ seq: null, operation: { state: 'cancelled' } });
    expect(await steps()).toEqual(['queued', 'cancelled']);
    expect(await ended('operation', 'cancelled')).toBe(1);
    expect(await audited()).toEqual([{ result: 'queued' }, { result: 'cancelled' }]);
  });

  it('sends the command again to an agent that starts it all the same', async () => {
    await operations.commandSent(run);
    await cancel();
    await event('started');
    await event('cancelled');
    expect(cancelSent).toEqual([operation_id, operation_id]);
    expect(await operation()).toMatchObject({ state: 'cancelled' });
    expect(await steps()).toEqual(['queued', 'cancelled']);
  });

  it('shows the result of one that waited as far as was known, and that its agent had run to its end', async () => {
    await operations.commandSent(run);
    expect(await cancel()).toMatchObject({ operation: { state: 'cancelled' } });
    await event('started');
    await event('finished');
    await event('finished');
    await event('cancelled');
    expect(await operation()).toMatchObject({ state: 'finished' });
    expect(await steps()).toEqual(['queued', 'cancelled', 'finished']);
    expect([await ended('operation', 'cancelled'), await ended('operation', 'finished')]).toEqual([1, 1]);
  });

  it('waits for the agent where it runs', async () => {
    await operations.commandSent(run);
    await event('started');
    expect(await cancel()).toMatchObject({ operation: { state: 'running' } });
    await cancel();
    expect(await steps()).toEqual(['queued', 'running', 'cancelling']);
    await event('cancelled');
    expect(await steps()).toEqual(['queued', 'running', 'cancelling', 'cancelled']);
    expect(await ended('operation', 'cancelled')).toBe(1);
    expect(cancelSent).toEqual([operation_id, operation_id]);
  });

  it('ends one that its agent puts back into the queue instead', async () => {
    await operations.commandSent(run);
    await event('started');
    await cancel();
    await event('interrupted');
    expect(await operation()).toMatchObject({ state: 'cancelled' });
    await event('started');
    expect(cancelSent).toEqual([operation_id, operation_id]);
  });

  it('shows the result of one that finished before it was ended', async () => {
    await operations.commandSent(run);
    await event('started');
    await cancel();
    await event('finished');
    expect(await operation()).toMatchObject({ state: 'finished' });
    await expect(cancel()).rejects.toMatchObject({
      code: 'operation_ended',
      message: expect.stringContaining('finished'),
    });
  });

  it('refuses an unknown one, and one of another dataplane', async () => {
    await expect(cancel()).rejects.toMatchObject({ code: 'unknown_operation' });
    await operations.commandSent(run);
    const other = cancelOperation.execute({ dataplane: 'other', operation_id, by: BY });
    await expect(other).rejects.toMatchObject({ code: 'unknown_operation' });
    expect(await operation()).toMatchObject({ state: 'queued' });
  });

  it('says so where it runs and the command could not be sent', async () => {
    await operations.commandSent(run);
    await event('started');
    isSent = false;
    await expect(cancel()).rejects.toMatchObject({ code: 'cancel_not_sent' });
    isSent = true;
    expect(await cancel()).toMatchObject({ operation: { state: 'running' } });
    expect(cancelSent).toHaveLength(2);
  });
});
