// @ts-check
// A service on the same libraries as the others, with handlers whose effects can be counted: it answers the request
// `ledger.booking`, executes the command `ledger.note`, and owns the stream `registry` (the registry does not run here).
import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import {
  deadLettersQueue,
  exchanges,
  handlersTopology,
  mergeTopologies,
  streamOwnerTopology,
} from '@signalbox/contracts/messages';
import { registryStream } from '@signalbox/contracts/streams';
import { AmqpHandlersModule, AmqpStrategy, InfrastructureModule, nestService } from '@signalbox/nest-service';
import { createInboxTable, createStreamTables, Database } from '@signalbox/persistence';
import { loadConfig, runService, serviceEnv } from '@signalbox/platform';
import { PostgresStreamModule } from '@signalbox/state-streams';
import { z } from 'zod';

const service = 'ledger';
const stream = registryStream.name;

/** The stream has only the last bookings, so that its size does not grow with the duration of the load. */
const KEYS = 500;

class Tables1795219200000 {
  name = 'Tables1795219200000';

  /** @param {import('typeorm').QueryRunner} runner */
  async up(runner) {
    await createStreamTables(runner, stream);
    await createInboxTable(runner);
    // No unique key on an id: what was done twice must be found twice.
    await runner.query(
      `CREATE TABLE booking (
        number bigserial PRIMARY KEY,
        id text NOT NULL,
        amount integer NOT NULL,
        booked_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`,
    );
    await runner.query('CREATE TABLE note (id text NOT NULL)');
    await runner.query('CREATE TABLE attempt (id text NOT NULL)');
    await runner.query('CREATE TABLE entry (key text PRIMARY KEY, value json NOT NULL)');
  }

  async down() {
    // Never reverted: the database is deleted with the run.
  }
}

const booking = z.object({ id: z.string(), amount: z.int() });
const note = z.object({ id: z.string(), fail_times: z.int().exactOptional(), poison: z.boolean().exactOptional() });

class Ledger {
  /** @param {Database} database */
  constructor(database) {
    this.database = database;
  }

  /** @param {z.output<typeof booking>} body @param {import('@signalbox/nest-service').AmqpContext} context */
  async addBooking({ id, amount }, context) {
    const { reply, seq } = await this.database.once(
      { consumer: 'ledger.booking', messageId: context.messageId, stream },
      async (transaction) => {
        const [row] = await transaction.manager.query(
          'INSERT INTO booking (id, amount) VALUES ($1, $2) RETURNING number, booked_at',
          [id, amount],
        );
        const entry = { id, amount, number: Number(row.number), booked_at: row.booked_at.toISOString() };
        const key = `booking/${entry.number % KEYS}`;
        await transaction.manager.query(
          'INSERT INTO entry VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
          [key, JSON.stringify(entry)],
        );
        transaction.put(key, entry);
        return entry;
      },
    );
    return { stream, seq, entry: reply };
  }

  /** @param {z.output<typeof note>} body @param {import('@signalbox/nest-service').AmqpContext} context */
  async note({ id, fail_times: failTimes = 0, poison = false }, context) {
    if (poison) throw new Error('this note always fails');
    if (failTimes > 0) {
      const [{ count }] = await this.database.dataSource.query(
        'WITH tried AS (INSERT INTO attempt VALUES ($1)) SELECT count(*) FROM attempt WHERE id = $1',
        [id],
      );
      if (Number(count) < failTimes) throw new Error('not yet');
    }
    await this.database.once({ consumer: 'ledger.note', messageId: context.messageId, stream }, async ({ manager }) => {
      await manager.query('INSERT INTO note VALUES ($1)', [id]);
      return null;
    });
  }
}

// Decorators are applied by hand, since this file is not compiled.
Controller()(Ledger);
Reflect.defineMetadata('design:paramtypes', [Database], Ledger);
handle('addBooking', MessagePattern('ledger.booking'), booking);
handle('note', EventPattern('ledger.note'), note);

/** @param {'addBooking' | 'note'} method @param {Function} pattern @param {z.ZodType} schema */
function handle(method, pattern, schema) {
  pattern(Ledger.prototype, method, Object.getOwnPropertyDescriptor(Ledger.prototype, method));
  Payload({ schema })(Ledger.prototype, method, 0);
  Ctx()(Ledger.prototype, method, 1);
}

class AppModule {}
Module({
  imports: [
    InfrastructureModule.register({
      service,
      topology: mergeTopologies(streamOwnerTopology(), handlersTopology(service), {
        exchanges: [],
        queues: [],
        bindings: [{ exchange: exchanges.deadLetters.name, queue: deadLettersQueue.name, key: `${service}.#` }],
      }),
      entities: [],
      migrations: [Tables1795219200000],
      requiredForReadiness: true,
    }),
    PostgresStreamModule.register({
      service,
      stream,
      load: async (query) => {
        const rows = /** @type {{ key: string, value: {} }[]} */ (await query('SELECT key, value FROM entry'));
        return rows.map(({ key, value }) => /** @type {const} */ ([key, value]));
      },
    }),
    AmqpHandlersModule.register({ service }),
  ],
  controllers: [Ledger],
})(AppModule);

runService(
  nestService({
    name: service,
    module: AppModule,
    config: () => loadConfig(z.object(serviceEnv), process.env),
    strategy: AmqpStrategy,
  }),
);
