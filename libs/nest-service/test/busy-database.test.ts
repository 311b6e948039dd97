import 'reflect-metadata';
import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern } from '@nestjs/microservices';
import { exchanges, requestsQueue } from '@signalbox/contracts/messages';
import {
  createInboxTable,
  createStreamTables,
  Database,
  dropInboxTable,
  dropStreamTables,
  openDatabase,
} from '@signalbox/persistence';
import {
  collectLogs,
  eventually,
  testBroker,
  testDatabase,
  type TestBroker,
  type TestDatabase,
} from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AmqpContext } from '../src/index.js';
import { DATABASE_POOL_SIZE, HANDLERS_AT_ONCE } from '../src/capacity.js';
import { HandlingService } from './handling-service.js';

const SERVICE = 'things';

class CreateThings1700000000000 {
  async up(runner: Parameters<typeof createInboxTable>[0]): Promise<void> {
    await createStreamTables(runner, SERVICE);
    await createInboxTable(runner);
    await runner.query('CREATE TABLE effect (id text NOT NULL)');
  }

  async down(runner: Parameters<typeof createInboxTable>[0]): Promise<void> {
    await runner.query('DROP TABLE effect');
    await dropInboxTable(runner);
    await dropStreamTables(runner);
  }
}

/** Message ids of the handlers that were started. */
const started: string[] = [];

@Controller()
class Things {
  constructor(private readonly database: Database) {}

  @MessagePattern('things.act')
  async act(@Ctx() { messageId, deadline }: AmqpContext): Promise<string> {
    started.push(messageId);
    const key = { consumer: SERVICE, messageId, stream: SERVICE, deadline };
    const { reply } = await this.database.once(key, async ({ manager }) => {
      await manager.query('INSERT INTO effect VALUES ($1)', [messageId]);
      return 'done';
    });
    return reply;
  }
}
Reflect.defineMetadata('design:paramtypes', [Database], Things);

describe('a service whose database connections are all in use', () => {
  let broker: TestBroker;
  let server: TestDatabase;
  let database: Database;
  let service: HandlingService;

  beforeEach(async () => {
    started.length = 0;
    [broker, server] = await Promise.all([testBroker(), testDatabase()]);
    database = await openDatabase({
      url: server.url,
      schema: SERVICE,
      entities: [],
      migrations: [CreateThings1700000000000],
      applicationName: SERVICE,
      logger: collectLogs().logger,
      poolSize: DATABASE_POOL_SIZE,
    });
    service = await HandlingService.start({
      broker,
      handlers: { service: SERVICE },
      controller: Things,
      provider: { provide: Database, useValue: database },
    });
  });
  afterEach(async () => {
    await service.close();
    await database.close();
    await Promise.all([broker.remove(), server.remove()]);
  });

  const act = (messageId: string, timeoutMs: number) =>
    service.amqp.request({
      exchange: exchanges.requests.name,
      routingKey: SERVICE,
      type: 'things.act',
      body: {},
      schema: z.string(),
      messageId,
      timeoutMs,
    });

  it('executes no request whose deadline passed meanwhile, answers the others, and takes only so many', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let using = 0;
    const holders = Array.from({ length: DATABASE_POOL_SIZE }, () =>
      database.transaction(async () => {
        using += 1;
        await released;
      }),
    );
    await eventually(() => using === DATABASE_POOL_SIZE);

    const patient = act('patient', 30_000);
    patient.catch(() => undefined);
    await eventually(() => started.length === 1);
    const impatient = Array.from({ length: 3 * HANDLERS_AT_ONCE }, (_, index) => act(`impatient-${index}`, 4_000));
    await eventually(() => started.length === HANDLERS_AT_ONCE);
    for (const outcome of await Promise.allSettled(impatient))
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'timeout' } });
    expect(started).toHaveLength(HANDLERS_AT_ONCE);
    const late = act('late', 30_000);

    release();
    await Promise.all(holders);
    expect(await Promise.all([patient, late])).toEqual(['done', 'done']);
    await eventually(async () => (await broker.messageCount(requestsQueue(SERVICE).name)) === 0);
    const effects = await database.dataSource.query<{ id: string }[]>('SELECT id FROM effect ORDER BY id');
    expect(effects.map(({ id }) => id)).toEqual(['late', 'patient']);
    expect(database.status().up).toBe(true);
  });
});
