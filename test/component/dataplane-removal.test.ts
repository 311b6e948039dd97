import { dataplaneTopology, exchanges, reportKey, type DataplaneReport } from '@signalbox/contracts/messages';
import type { OperationEntry } from '@signalbox/contracts/streams';
import { eventually } from '@signalbox/testing';
import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startingReport } from '../support/dataplane.js';
import { System, type SystemInProcess } from '../support/system.js';

const PATH = '/v1/dataplanes/gone';
const QUEUES = ['dataplane.gone.control', 'dataplane.gone.operations'];

let system: SystemInProcess;
let connection: ChannelModel;
let channel: ConfirmChannel;
let seq = 0;

beforeAll(async () => {
  system = await System.inProcess();
  await Promise.all([system.start('dataplane-control').ready, system.start('journal').ready, system.startGateway()]);
  // Before, the gateway answers that it does not know the dataplanes yet.
  await eventually(async () => (await system.get('/v1/dataplanes')).ok);
  connection = await connect(system.broker.url);
  channel = await connection.createConfirmChannel();
});
afterAll(async () => {
  await connection?.close();
  await system?.close();
});

/** As an agent does, without one. */
async function report(): Promise<void> {
  const body: DataplaneReport = { ...startingReport, dataplane: 'gone', seq: (seq += 1), state: 'running' };
  channel.publish(exchanges.reports.name, reportKey('gone'), Buffer.from(JSON.stringify(body)), {
    contentType: 'application/json',
    type: 'dataplane.report',
  });
  await channel.waitForConfirms();
}
const isStored = async (): Promise<boolean> => {
  const body = (await (await system.get(PATH)).json()) as { first_seen_at?: number | null };
  return typeof body.first_seen_at === 'number';
};
const queues = async (): Promise<string[]> =>
  (await system.broker.queues()).filter((queue) => QUEUES.includes(queue)).toSorted((a, b) => a.localeCompare(b));
const codeOf = async (response: Response): Promise<unknown> => ((await response.json()) as { code: string }).code;

it('removes a dataplane that does not report any more, with its queues, until it reports again', async () => {
  const unknown = await system.send('DELETE', '/v1/dataplanes/unknown');
  expect([unknown.status, await codeOf(unknown)]).toEqual([404, 'dataplane_not_found']);
  await report();
  await eventually(isStored);
  const ran = await system.send('POST', `${PATH}/operations`, { kind: 'hash-tree', path: 'data' });
  const { id } = (await ran.json()) as OperationEntry;
  await eventually(async () => (await system.broker.messageCount('dataplane.gone.operations')) === 1);
  const refused = await system.send('DELETE', PATH);
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({
    code: 'dataplane_reports',
    detail: expect.stringContaining('has not reported for 15 s'),
  });
  // Its commands and their copies.
  expect(await queues()).toEqual(QUEUES);

  await eventually(async () => (await system.send('DELETE', PATH)).status === 204, { timeoutMs: 40_000 });
  const again = await system.send('DELETE', PATH);
  expect([again.status, await codeOf(again)]).toEqual([404, 'dataplane_not_found']);
  expect(await (await system.get('/v1/dataplanes')).json()).toEqual({ data: [] });
  expect(await queues()).toEqual([]);
  const copies = dataplaneTopology('gone').bindings.filter(({ queue }) => queue === 'dataplane-control.commands');
  for (const { exchange, key } of copies) {
    const returned = new Promise((resolve) => channel.once('return', resolve));
    channel.publish(exchange, key, Buffer.from('{}'), { mandatory: true });
    await returned;
  }
  const trail = await eventually(async () => {
    const page = (await (await system.get('/v1/audit?action=delete-dataplane')).json()) as { data: object[] };
    return page.data.length > 1 && page.data;
  });
  expect(trail).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ resource: 'gone', result: 'done', detail: { cancelled_operations: 1 } }),
      expect.objectContaining({ resource: 'gone', result: 'refused', detail: { why: 'dataplane_reports' } }),
    ]),
  );

  await report();
  await eventually(isStored);
  await eventually(async () => (await queues()).length === 2);
  const operation = (await (await system.get(`${PATH}/operations/${id}`)).json()) as OperationEntry;
  expect(operation).toMatchObject({ state: 'cancelled', error: 'Its dataplane was removed.' });
});
