import { Amqp, type Topology } from '@signalbox/messaging';
import { exchanges } from '@signalbox/contracts/messages';
import {
  collectLogs,
  eventually,
  testBroker,
  testDatabase,
  type TestBroker,
  type TestDatabase,
} from '@signalbox/testing';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ServiceProcess } from '../support/service-process.js';

const COUNT = 200;
const answer = z.object({ seq: z.int(), entry: z.object({ id: z.string(), number: z.int() }) });
const topology: Topology = { exchanges: [exchanges.requests, exchanges.deadLetters], queues: [], bindings: [] };

/** A service receives SIGTERM during its work, as at every deployment. */
describe('SIGTERM during requests', () => {
  let broker: TestBroker;
  let database: TestDatabase;
  let amqp: Amqp;
  let client: pg.Client;
  const running: ServiceProcess[] = [];

  const startLedger = async (): Promise<ServiceProcess> => {
    const env = {
      RABBITMQ_URL: broker.url,
      DATABASE_URL: database.url,
      SIGNALBOX_MANAGEMENT_PORT: '0',
      BROKER_SENDERS: 'unchecked',
    };
    const ledger = new ServiceProcess('ledger', env, 'test/faults/ledger.mjs');
    running.push(ledger);
    await ledger.ready;
    return ledger;
  };

  beforeEach(async () => {
    broker = await testBroker();
    database = await testDatabase();
    amqp = new Amqp({
      url: broker.url,
      name: 'asker',
      logger: collectLogs().logger,
      topology,
      deadLetters: { exchange: exchanges.deadLetters.name },
    });
    await amqp.open();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((ledger) => ledger.stop()));
    await amqp.close();
    await client.end();
    await broker.remove();
    await database.remove();
  });

  const ask = (id: string) =>
    amqp.request({
      exchange: exchanges.requests.name,
      routingKey: 'ledger',
      type: 'ledger.booking',
      messageId: id,
      body: { id, amount: 1 },
      schema: answer,
      repeatForMs: 60_000,
    });
  const booked = async (): Promise<number> =>
    Number((await client.query<{ count: string }>('SELECT count(*) FROM ledger.booking')).rows[0]?.count);

  it('answers each of 200 requests, executes each once, and exits with 0; the next process executes those it had not begun', async () => {
    const first = await startLedger();
    const ids = Array.from({ length: COUNT }, (_, n) => `request-${n}`);
    const asked = ids.map(ask);
    await eventually(async () => (await booked()) > 0);
    expect(await first.stop()).toBe(0);
    const atItsEnd = await booked();
    await startLedger();

    const answers = await Promise.all(asked);
    expect(answers.map(({ entry }) => entry.id)).toEqual(ids);
    expect(await booked()).toBe(COUNT);
    // Each repeated request gets the same reply: the second process has the replies of the first in the inbox.
    expect(await Promise.all(ids.map(ask))).toEqual(answers);
    expect(await booked()).toBe(COUNT);
    expect(atItsEnd).toBeGreaterThan(0);
    // Its own deadline is 10 s; after that it exits with 1.
    expect(first.output).not.toContain('still not stopped');
  });
});
