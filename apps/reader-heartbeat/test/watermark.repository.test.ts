import type { Database } from '@signalbox/persistence';
import { testDatabase, type TestDatabase } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LeaseRepository } from '../src/leases/lease.repository.js';
import { WatermarkRepository } from '../src/leases/watermark.repository.js';
import { openReaderDatabase } from './support/reader-database.js';

describe('WatermarkRepository', () => {
  let server: TestDatabase;
  let database: Database;
  let leases: LeaseRepository;
  let watermarks: WatermarkRepository;

  beforeAll(async () => {
    server = await testDatabase();
    database = await openReaderDatabase(server.url);
    leases = new LeaseRepository(database);
    watermarks = new WatermarkRepository(database);
    await leases.take('one', [0]);
    await leases.take('other', [1]);
  });
  afterAll(async () => {
    await database?.close();
    await server?.remove();
  });

  it('has one of all partitions when each owner has written its own', async () => {
    const { now, low } = await watermarks.read(2);
    expect(low).toBeUndefined();
    await watermarks.write('one', new Map([[0, { since: now - 900, through: now - 100 }]]));
    expect((await watermarks.read(2)).low).toBeUndefined();
    await watermarks.write('other', new Map([[1, { since: now - 700, through: now - 200 }]]));
    const both = await watermarks.read(2);
    expect([both.low!.since - now, both.low!.through - now].map(Math.round)).toEqual([-700, -200]);
  });

  it('has none while a partition has another owner than the one that wrote', async () => {
    await leases.giveBack('other', [1]);
    await leases.take('next', [1]);
    expect((await watermarks.read(2)).low).toBeUndefined();
    const { now } = await watermarks.read(1);
    await watermarks.write('other', new Map([[1, { since: now, through: now }]]));
    expect((await watermarks.read(2)).low).toBeUndefined();
    expect((await watermarks.read(1)).low).toBeDefined();
  });

  it('has none that is in the future', async () => {
    const { now } = await watermarks.read(1);
    await watermarks.write('one', new Map([[0, { since: now, through: now + 60_000 }]]));
    expect((await watermarks.read(1)).low).toBeUndefined();
  });
});
