import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Registry, type RegistryInProcess } from '../support/registry.js';
import type { SystemInProcess } from '../support/system.js';

const CLIENTS = 6;
const CALLS_OF_EACH = 8;
/** On a machine that is too busy, the gateway misses the registry for a moment. */
const UNAVAILABLE = 503;

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  /** The statuses that the document has for it here, besides 503. */
  readonly statuses: readonly number[];
}

const connection = { type: 'mysql', mysqlConnection: { host: 'db.example', password: 'p' } };
const orders = { name: 'orders', location: './orders' };

/** What clients do to the same names at once. */
const CALLS: readonly Call[] = [
  { method: 'POST', path: '', body: { name: 'shop' }, statuses: [200] },
  { method: 'DELETE', path: '/shop', statuses: [200, 404] },
  {
    method: 'POST',
    path: '',
    body: { name: 'shop', readme: '# Shop', connections: [{ name: 'db', ...connection }], packages: [orders] },
    statuses: [200],
  },
  { method: 'POST', path: '/shop/connections/db', body: connection, statuses: [201, 404, 409] },
  { method: 'PATCH', path: '/shop', body: { readme: '# Shops', connections: [] }, statuses: [200, 404] },
  { method: 'POST', path: '/shop/packages', body: orders, statuses: [200, 404] },
  { method: 'PATCH', path: '/shop/packages/orders', body: { description: 'all' }, statuses: [200, 404] },
  {
    method: 'PATCH',
    path: '/shop/connections/db',
    body: { mysqlConnection: { port: '3307' } },
    statuses: [200, 404],
  },
  { method: 'GET', path: '/shop?reload=true', statuses: [200, 404] },
  { method: 'DELETE', path: '/shop/connections/db', statuses: [200, 404] },
  { method: 'GET', path: '/shop/packages/orders?reload=true', statuses: [200, 404] },
  { method: 'DELETE', path: '/shop/packages/orders', statuses: [200, 404] },
];

describe('many clients that change the same project at once', { timeout: 180_000 }, () => {
  let system: SystemInProcess;
  let registry: RegistryInProcess;

  beforeAll(async () => {
    registry = await Registry.withGatewayInProcess();
    ({ system } = registry);
    registry.makePackage('orders');
    await registry.start({ config: {} });
    await registry.serving();
  });
  afterAll(() => registry.close());

  const send = async ({ method, path, body }: Omit<Call, 'statuses'>): Promise<[status: number, text: string]> => {
    const response = await system.send(method, `/api/v0/projects${path}`, body);
    return [response.status, await response.text()];
  };
  const errors = (): string[] =>
    ['gateway', 'registry']
      .flatMap((name) => system.service(name).output.split('\n'))
      .filter((line) => line.includes('"level":"error"'));

  it('get only answers of the document', async () => {
    const undocumented: unknown[] = [];
    const client = async (_: unknown, number: number): Promise<void> => {
      for (let turn = 0; turn < CALLS_OF_EACH; turn += 1) {
        const call = CALLS[(number * 7 + turn * 5) % CALLS.length]!;
        const [status, text] = await send(call);
        if (![...call.statuses, UNAVAILABLE].includes(status))
          undocumented.push([call.method, call.path, status, text]);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    expect(undocumented).toEqual([]);
    expect(errors()).toEqual([]);
  });

  it('that create and delete it leave a project with its directory, or neither', async () => {
    for (let round = 0; round < 8; round += 1) {
      const statuses = await Promise.all(
        Array.from({ length: CLIENTS }, async (_, number) => {
          const [status] = await send(
            number % 2 === 0
              ? { method: 'POST', path: '', body: { name: 'short' } }
              : { method: 'DELETE', path: '/short' },
          );
          return status;
        }),
      );
      expect(statuses.filter((status) => ![200, 404, UNAVAILABLE].includes(status))).toEqual([]);
      const [status, text] = await send({ method: 'GET', path: '/short' });
      if (status !== 200) continue;
      const { location } = JSON.parse(text) as { location: string };
      expect([round, existsSync(location)]).toEqual([round, true]);
    }
  });

  it('change the same package one after another, or are refused because others change it', async () => {
    expect((await send({ method: 'POST', path: '', body: { name: 'busy', packages: [orders] } }))[0]).toBe(200);
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, number) =>
        send({ method: 'PATCH', path: '/busy/packages/orders', body: { description: `of ${number}` } }),
      ),
    );
    expect(answers.filter(([status]) => ![200, UNAVAILABLE].includes(status))).toEqual([]);
    expect(answers.map(([status]) => status)).toContain(200);
    expect(errors()).toEqual([]);
  });
});
