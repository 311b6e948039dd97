import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  DatasourceBody,
  DatasourceDetail,
  EndpointDatasource,
  StatusExplanation,
} from '@signalbox/contracts/http';
import { eventually } from '@signalbox/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAccepted } from '../support/datasource-schema.js';
import { System, type SystemInProcess } from '../support/system.js';

const PATIENCE = { timeoutMs: 60_000 };

/** A database from its registration to its removal, as a caller of the API sees it: gateway, datasource-sync and its worker. */
describe('a database that is registered at /v1/datasources', () => {
  let system: SystemInProcess;
  let database: pg.Client;
  let id: string;

  beforeAll(async () => {
    system = await System.inProcess();
    await Promise.all([
      system.startGateway(),
      system.start('datasource-sync', { SIGNALBOX_ALLOW_LOOPBACK_TARGETS: 'true', DATASOURCE_POLL_INTERVAL_MS: '1000' })
        .ready,
    ]);
    database = new pg.Client({ connectionString: system.database.url });
    await database.connect();
    await database.query('CREATE TABLE items (id integer PRIMARY KEY, note text)');
    await eventually(async () => (await system.get('/v1/datasources')).status === 200);
  });
  afterAll(async () => {
    await database.end();
    await system.close();
  });

  const detail = async (): Promise<DatasourceDetail> =>
    (await (await system.get(`/v1/datasources/${id}/detail`)).json()) as DatasourceDetail;
  const until = (holds: (seen: DatasourceDetail) => boolean): Promise<DatasourceDetail> =>
    eventually(async () => {
      const seen = await detail();
      return holds(seen) && seen;
    }, PATIENCE);
  /** What the status says of the datasources. */
  const rules = async (): Promise<string[]> => {
    const { data } = (await (await system.get('/v1/status/explain')).json()) as StatusExplanation;
    return data.components.find(({ component }) => component === 'datasources')!.reasons.map(({ rule }) => rule);
  };

  it('is rejected while it lacks something, with what was found and the fix', async () => {
    const response = await system.send('POST', '/v1/datasources', { connectionString: system.database.url });
    ({ id } = (await response.json()) as DatasourceBody);
    expect(response.status).toBe(201);
    const { setup, sync } = await until(({ status }) => status === 'rejected');
    expect(setup).toMatchObject({ state: 'incomplete', failures: [{ item: 'publication' }] });
    expect(setup.failures[0]!.fix).toContain('CREATE PUBLICATION');
    expect(sync).toMatchObject({ state: 'blocked', fix: setup.failures[0]!.fix });
    await eventually(async () => (await rules()).includes('datasources.rejected'));
  });

  it('is active when it was fixed and verified again, and is followed', async () => {
    await database.query('CREATE PUBLICATION signalbox_publication FOR TABLE items');
    expect((await system.send('POST', `/v1/datasources/${id}/verify`)).status).toBe(200);
    await until(({ status, sync }) => status === 'active' && sync.state === 'streaming');
    await database.query(`INSERT INTO items VALUES (1, 'first')`);
    const { freshness, last_error } = await until(({ freshness: { age_seconds } }) => age_seconds !== null);
    expect([freshness.unknown_because, last_error]).toEqual([null, null]);
    await eventually(async () => (await rules()).length === 0);
    const attempts = (await (await system.get(`/v1/datasources/${id}/attempts`)).json()) as {
      data: { kind: string }[];
    };
    expect(new Set(attempts.data.map(({ kind }) => kind))).toContain('check');
  });

  it('is updated, not registered twice, by another POST', async () => {
    const metadata = { team: 'shop' };
    const again = await system.send('POST', '/v1/datasources', { connectionString: system.database.url, metadata });
    expect(await again.json()).toMatchObject({ id, metadata });
    const { data } = (await (await system.get('/v1/datasources')).json()) as { data: DatasourceBody[] };
    expect(data.length).toBe(1);
  });

  it('leaves no slot behind when it is deleted', async () => {
    const answer = await system.send('DELETE', `/v1/datasources/${id}`);
    expect(await answer.json()).toMatchObject({ object: 'datasource_disconnected', deleted: true });
    expect((await system.get(`/v1/datasources/${id}`)).status).toBe(404);
    await eventually(async () => {
      const slots = await database.query('SELECT 1 FROM pg_replication_slots WHERE database = current_database()');
      return slots.rowCount === 0;
    }, PATIENCE);
    expect(await rules()).toEqual([]);
  });

  it('has the documented form as an endpoint from the start, also while its polls fail and its event_lag is not known', async () => {
    let status = 200;
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(status, { 'content-type': 'application/json' }).end('{"events":[]}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const body = { endpoint, signingKey: 'a-signing-key', environment: 'test' };
    const response = await system.send('POST', '/v1/datasources', body);
    const created = (await response.json()) as DatasourceBody;
    expect([response.status, isAccepted(created), isAccepted.errors]).toEqual([201, true, null]);
    const shown = (holds: (body: EndpointDatasource) => boolean): Promise<EndpointDatasource> =>
      eventually(async () => {
        const seen = (await (await system.get(`/v1/datasources/${created.id}`)).json()) as EndpointDatasource;
        return holds(seen) && seen;
      }, PATIENCE);
    await shown(({ event_lag }) => event_lag === 0);
    status = 500;
    const failed = await shown(({ retry_count }) => retry_count > 0);
    expect([isAccepted(failed), isAccepted.errors]).toEqual([true, null]);
    expect(failed).not.toHaveProperty('event_lag');
    expect(failed).toMatchObject({ status: 'active', last_error: expect.stringContaining('(http_500)') as string });
    server.close();
  });
});
