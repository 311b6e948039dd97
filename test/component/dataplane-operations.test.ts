import { operationsQueue } from '@signalbox/contracts/messages';
import type { OperationEntry, RestartEntry } from '@signalbox/contracts/streams';
import { eventually } from '@signalbox/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Dataplane } from '../support/dataplane.js';
import { System, type SystemInProcess } from '../support/system.js';

const OPERATIONS = '/v1/dataplanes/main/operations';

interface RestartPage {
  data: RestartEntry[];
  next_before: string | null;
}

/** A gateway and dataplane-control, and a dataplane that runs one operation at a time. */
describe('operations and restarts of dataplanes', () => {
  let system: SystemInProcess;
  let dataplane: Dataplane;
  let client: pg.Client;

  beforeAll(async () => {
    system = await System.inProcess();
    client = new pg.Client({ connectionString: system.database.url });
    await client.connect();
    await client.query('CREATE TABLE locked (id int)');
    await Promise.all([system.start('dataplane-control').ready, system.start('journal').ready, system.startGateway()]);
    dataplane = new Dataplane(system, { SIGNALBOX_THREADS: '1' });
    await eventually(async () => (await json<{ first_seen_at?: number }>('/v1/dataplanes/main')).first_seen_at);
    await client.query('BEGIN; LOCK TABLE locked IN ACCESS EXCLUSIVE MODE');
  });
  afterAll(async () => {
    await client?.end();
    await dataplane?.stop();
    await system.close();
  });

  const json = async <Body>(path: string): Promise<Body> => (await (await system.get(path)).json()) as Body;
  const cancel = (id: string): Promise<Response> => system.send('DELETE', `${OPERATIONS}/${id}`);
  const codeOf = async (response: Response): Promise<unknown> => [
    response.status,
    ((await response.json()) as { code: string }).code,
  ];
  const stepsOf = async (id: string): Promise<string[]> =>
    (await json<OperationEntry>(`${OPERATIONS}/${id}`)).timeline.map(({ state }) => state);
  /** Of an operation that lasts while the table is locked. */
  const start = async (table = 'locked'): Promise<string> => {
    const answer = await system.send('POST', OPERATIONS, { kind: 'profile-table', table });
    return ((await answer.json()) as { id: string }).id;
  };
  const isIn = (id: string, state: string) => async (): Promise<boolean> =>
    (await json<OperationEntry>(`${OPERATIONS}/${id}`)).state === state;

  it('cancels one that waits at once, one that runs when its agent has ended it, and runs the next', async () => {
    const running = await start();
    const waiting = await start();
    await eventually(isIn(running, 'running'));

    const first = await cancel(waiting);
    expect([first.status, await first.json()]).toEqual([
      202,
      expect.objectContaining({ id: waiting, state: 'cancelled' }),
    ]);
    expect((await cancel(waiting)).status).toBe(202);
    expect(await stepsOf(waiting)).toEqual(['queued', 'cancelled']);

    const second = await cancel(running);
    expect([second.status, (await second.json()) as OperationEntry]).toEqual([
      202,
      expect.objectContaining({ id: running, state: 'running' }),
    ]);
    await eventually(isIn(running, 'cancelled'));
    expect(await stepsOf(running)).toEqual(['queued', 'running', 'cancelling', 'cancelled']);

    const next = await start('there_is_no_such_table');
    await eventually(isIn(next, 'failed'));
    expect(await stepsOf(waiting)).toEqual(['queued', 'cancelled']);
    await eventually(async () => (await system.broker.messageCount(operationsQueue('main').name)) === 0);
    expect(await codeOf(await cancel(next))).toEqual([409, 'operation_ended']);
    const cancelled = await eventually(async () => {
      const { data } = await json<{ data: { detail: object }[] }>('/v1/audit?action=cancel-operation');
      return data.length >= 2 && data;
    });
    expect(cancelled).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ resource: 'main', result: 'cancelled', detail: { operation_id: waiting } }),
        expect.objectContaining({ resource: 'main', result: 'cancelling', detail: { operation_id: running } }),
      ]),
    );
  });

  it('cancels one for good whose agent does not respond, and that agent does not run it', async () => {
    const running = await start();
    const waiting = await start();
    await eventually(isIn(running, 'running'));
    dataplane.pause();
    expect((await cancel(waiting)).status).toBe(202);
    expect((await cancel(running)).status).toBe(202);
    await dataplane.kill();
    await eventually(isIn(running, 'cancelled'));
    const next = await start('there_is_no_such_table');
    await eventually(isIn(next, 'failed'));
    expect(await stepsOf(waiting)).toEqual(['queued', 'cancelled']);
  });

  it('finds no operation to cancel that is unknown, or of another dataplane', async () => {
    expect(await codeOf(await cancel('op-0000000000'))).toEqual([404, 'operation_not_found']);
    expect(await codeOf(await cancel('op-x'))).toEqual([404, 'operation_not_found']);
    const other = await system.send('DELETE', '/v1/dataplanes/other/operations/op-0000000000');
    expect(await codeOf(other)).toEqual([404, 'dataplane_not_found']);
  });

  it('lists the restarts of all dataplanes in pages, the latest first, and waits for one with any form of ?wait', async () => {
    const ids: string[] = [];
    for (const reason of ['first', 'second']) {
      const answer = await system.send('POST', '/v1/dataplanes/main/restarts', { reason, drain_seconds: 0 });
      const { id } = (await answer.json()) as RestartEntry;
      ids.unshift(id);
      const wait = reason === 'first' ? '60s' : '60';
      expect((await json<RestartEntry>(`/v1/restarts/${id}?wait=${wait}`)).state).toBe('healthy');
    }
    const all = await json<RestartPage>('/v1/restarts');
    expect(all).toMatchObject({
      data: ids.map((id) => ({ id, dataplane: 'main', state: 'healthy' })),
      next_before: null,
    });
    const first = await json<RestartPage>('/v1/restarts?limit=1&dataplane=main&open=false');
    const second = await json<RestartPage>(`/v1/restarts?limit=1&before=${first.next_before}`);
    expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(ids);
    expect(second.next_before).toBeNull();
    for (const query of ['dataplane=other', 'open=true', 'state=timed_out'])
      expect(await json<RestartPage>(`/v1/restarts?${query}`)).toEqual({ data: [], next_before: null });
  });

  it.each(['limit=0', 'limit=x', 'before=7', 'open=maybe', 'state=unknown', 'dataplane=A.B'])(
    'refuses a list of restarts with %s',
    async (query) => {
      expect(await codeOf(await system.get(`/v1/restarts?${query}`))).toEqual([400, 'invalid_request']);
    },
  );
});
