import type { Database } from '@signalbox/persistence';
import { testDatabase, type TestDatabase } from '@signalbox/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Reader } from '../src/liveness/reader.js';
import { ReaderTable } from '../src/liveness/reader-table.rules.js';
import { ReaderRepository } from '../src/partition/persistence/reader.repository.js';
import { beatOf } from './support/beat-of.js';
import { openReaderDatabase } from './support/reader-database.js';

const START = 1_795_000_000_000;
const at = (ms: number) => ({ unix: START + ms, monotonic: ms });
const settings = { heartbeatCheckInterval: 1, missedBeats: 3, readerMessageTimeoutMs: 500, retentionMs: 60_000 };

describe('ReaderRepository', () => {
  let server: TestDatabase;
  let database: Database;
  let repository: ReaderRepository;
  let table: ReaderTable;
  let epoch: number;

  beforeAll(async () => {
    server = await testDatabase();
    database = await openReaderDatabase(server.url);
    repository = new ReaderRepository(database);
  });
  beforeEach(async () => {
    await database.dataSource.query('TRUNCATE reader, partition CASCADE');
    table = new ReaderTable(settings, 0);
    epoch = await repository.takeEpoch(0, at(0));
  });
  afterAll(async () => {
    await database?.close();
    await server?.remove();
  });

  const readers = (): Reader[] => [...table.all()];
  const save = () =>
    repository.write(0, epoch, { readers: readers(), forgotten: [], transitions: table.takeTransitions() });
  const pages = async (): Promise<Reader[][]> => {
    const loaded: Reader[][] = [];
    for await (const page of repository.load(0, at(0))) loaded.push(page);
    return loaded;
  };
  const stored = async () =>
    (await pages())
      .flat()
      .toSorted((a, b) => a.readerId.localeCompare(b.readerId))
      .map(({ readerId, state, seq, receivedAt, since }) => ({
        readerId,
        state,
        seq,
        received: receivedAt.unix - START,
        since: since.unix - START,
      }));

  it('renews the receive times and numbers of readers, and nothing else of them', async () => {
    for (const id of ['a', 'b']) table.record(beatOf(id, 1), at(0));
    await save();
    for (const id of ['a', 'b']) table.record(beatOf(id, 2), at(9_000));
    table.get('a')!.state = 'dead';
    expect(await repository.renew(0, epoch, [table.get('a')!])).toBe(1);
    expect(await stored()).toEqual([
      { readerId: 'a', state: 'live', seq: 2, received: 9_000, since: 0 },
      { readerId: 'b', state: 'live', seq: 1, received: 0, since: 0 },
    ]);
  });

  it('loads each of very many readers once, page by page', async () => {
    const ids = Array.from({ length: 2_500 }, (_, index) => `pool-${index % 7}/Reader-${index}`);
    for (const id of ids) table.record(beatOf(id, 1), at(0));
    await save();
    const loaded = await pages();
    expect(loaded.flatMap((page) => page.map(({ readerId }) => readerId)).toSorted()).toEqual(ids.toSorted());
    expect(loaded.map(({ length }) => length)).toEqual([1_000, 1_000, 500]);
  });

  it('renews no reader that has no row', async () => {
    table.record(beatOf('a', 1), at(0));
    expect(await repository.renew(0, epoch, readers())).toBe(0);
    expect(await stored()).toEqual([]);
  });

  it('renews nothing for an owner that was replaced', async () => {
    table.record(beatOf('a', 1), at(0));
    await save();
    table.record(beatOf('a', 2), at(9_000));
    await repository.takeEpoch(0, at(10_000));
    expect(await repository.renew(0, epoch, readers())).toBe(0);
    expect(await stored()).toMatchObject([{ seq: 1, received: 0 }]);
  });

  it('writes no row of an owner that was replaced after its next owner has renewed it', async () => {
    table.record(beatOf('a', 1), at(0));
    await save();
    const next = await repository.takeEpoch(0, at(10_000));
    table.record(beatOf('a', 2), at(11_000));
    expect(await repository.renew(0, next, readers())).toBe(1);
    table.record(beatOf('a', 3), at(12_000));
    await save();
    expect(await stored()).toMatchObject([{ seq: 2, received: 11_000 }]);
  });
});
