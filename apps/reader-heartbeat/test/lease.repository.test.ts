import type { Database } from '@signalbox/persistence';
import { eventually, testDatabase, type TestDatabase } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LeaseRepository } from '../src/leases/lease.repository.js';
import { openReaderDatabase } from './support/reader-database.js';

describe('LeaseRepository', () => {
  let server: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    server = await testDatabase();
    database = await openReaderDatabase(server.url, 1);
  });
  afterAll(async () => {
    await database?.close();
    await server?.remove();
  });

  it('renews leases while all connections of the pool are in use', async () => {
    const leases = new LeaseRepository(database);
    await leases.configure(2);
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let isUsed = false;
    const user = database.transaction(async () => {
      isUsed = true;
      await released;
    });
    await eventually(() => isUsed);
    expect(await leases.take('one', [0, 1])).toEqual([0, 1]);
    const { count, processes, leases: all } = await leases.renew('one');
    expect([count, processes, all.map(({ owner, isValid }) => [owner, isValid])]).toEqual([
      2,
      ['one'],
      [
        ['one', true],
        ['one', true],
      ],
    ]);
    await leases.giveBack('one', [1]);
    await leases.leave('one');
    release();
    await user;
  });
});
