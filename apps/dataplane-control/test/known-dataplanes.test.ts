import 'reflect-metadata';
import type { DataplaneReport } from '@signalbox/contracts/messages';
import { openDatabase, type Database } from '@signalbox/persistence';
import { systemClock } from '@signalbox/platform';
import { collectLogs, testDatabase, type TestDatabase } from '@signalbox/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrations } from '../src/database/data-source.js';
import { DataplaneRepository } from '../src/dataplanes/dataplane.repository.js';
import { KnownDataplanes } from '../src/reports/known-dataplanes.js';

let server: TestDatabase;
let database: Database;
beforeAll(async () => {
  server = await testDatabase();
  const { logger } = collectLogs();
  const schema = 'dataplane_control';
  database = await openDatabase({
    url: server.url,
    schema,
    applicationName: 'test',
    poolSize: 2,
    entities: [],
    migrations,
    logger,
  });
});
afterAll(async () => {
  await database.close();
  await server.remove();
});
beforeEach(() => database.dataSource.manager.query('DELETE FROM dataplane'));

const report = (boot_id: string, seq: number, dataplane = 'main'): DataplaneReport =>
  ({ dataplane, boot_id, seq, engine: 'local' }) as DataplaneReport;

/** As a process that has just started. */
async function start(): Promise<KnownDataplanes> {
  const known = new KnownDataplanes(database, new DataplaneRepository(), systemClock);
  await known.onModuleInit();
  return known;
}

describe('KnownDataplanes', () => {
  it('accepts newer reports of the present incarnation and of the next one, and none of a replaced one', async () => {
    const known = await start();
    const accepted = [report('a', 1), report('a', 1), report('a', 2), report('b', 0), report('a', 3), report('b', 1)];
    expect(accepted.map((each) => known.accept(each))).toEqual([true, false, true, true, false, true]);
  });

  it('knows a dataplane and its replaced incarnations after a restart once they are stored', async () => {
    const before = await start();
    for (const each of [report('a', 7), report('b', 0)]) {
      before.accept(each);
      expect(before.isStored(each)).toBe(false);
      expect(await before.store(each)).toBe(true);
      expect(before.isStored(each)).toBe(true);
    }
    const after = await start();
    expect(after.storedNames).toEqual(['main']);
    expect([report('a', 8), report('b', 0), report('c', 0)].map((each) => after.accept(each))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('yields to the incarnation that another process has stored', async () => {
    const [first, other] = [await start(), await start()];
    for (const each of [report('a', 0), report('b', 0)]) {
      other.accept(each);
      await other.store(each);
    }
    expect(first.accept(report('a', 5))).toBe(true);
    expect(await first.store(report('a', 5))).toBe(false);
    expect([report('a', 6), report('b', 1)].map((each) => first.accept(each))).toEqual([false, true]);
  });

  it('keeps the next incarnation that reports while the one before it is being stored', async () => {
    const known = await start();
    known.accept(report('a', 0));
    const storing = known.store(report('a', 0));
    known.accept(report('b', 0));
    expect(await storing).toBe(true);
    expect([report('a', 1), report('b', 1)].map((each) => known.accept(each))).toEqual([false, true]);
    expect(await known.store(report('b', 1))).toBe(true);
  });

  it('refuses the 101st dataplane, stored or not', async () => {
    const known = await start();
    for (let index = 0; index < 100; index += 1) known.accept(report('a', 0, `plane-${index}`));
    expect(() => known.accept(report('a', 0))).toThrow('there are 100 already');
    expect(known.accept(report('a', 1, 'plane-7'))).toBe(true);
  });
});
