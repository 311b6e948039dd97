import type { Database } from '@signalbox/persistence';
import { testDatabase, type TestDatabase } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MOST_NOTICES, MoveRepository } from '../src/partition/persistence/move.repository.js';
import { openReaderDatabase } from './support/reader-database.js';

const NOW = { unix: 1_795_000_000_000, monotonic: 0 };
const READERS = 20_000;
const FILL = `
  INSERT INTO reader (partition, reader_id, state, since, ended_boots, profile, heard_at, epoch)
  SELECT 1, 'reader-' || each, 'live', now(), '[]', '{}', now(), 1 FROM generate_series(1, ${READERS}) AS each;
  INSERT INTO reader_config (partition, reader_id, digest, config)
  SELECT partition, reader_id, 'digest of ' || reader_id, '{}' FROM reader;
  INSERT INTO reader_move (partition, reader_id) SELECT partition, reader_id FROM reader;
  ANALYZE`;

/** Readers are looked up while their heartbeats wait, as often as some come: no look-up may read all that is stored. */
describe('MoveRepository, with many readers', () => {
  let server: TestDatabase;
  let database: Database;
  let moves: MoveRepository;

  beforeAll(async () => {
    server = await testDatabase();
    // The counts of scans are those of one session.
    database = await openReaderDatabase(server.url, 1);
    moves = new MoveRepository(database);
    await database.dataSource.query(FILL);
  });
  afterAll(async () => {
    await database?.close();
    await server?.remove();
  });

  const query = <Row>(sql: string): Promise<Row[]> => database.dataSource.query<Row[]>(sql);

  /** How often a table was read as a whole. */
  async function scans(table: string): Promise<number> {
    await query('SELECT pg_stat_force_next_flush()');
    const [row] = await query<{ seq_scan: string }>(
      `SELECT seq_scan FROM pg_stat_user_tables WHERE relname = '${table}' AND schemaname = 'reader_heartbeat'`,
    );
    return Number(row!.seq_scan);
  }

  it('finds readers, with the digests of their configurations, by indexes', async () => {
    const before = [await scans('reader'), await scans('reader_config')];
    const found = await moves.elsewhere(0, ['reader-7', 'unknown'], NOW);
    expect(found.map(({ partition, reader }) => [partition, reader.readerId, reader.configDigest])).toEqual([
      [1, 'reader-7', 'digest of reader-7'],
    ]);
    expect([await scans('reader'), await scans('reader_config')]).toEqual(before);
  });

  it('finds readers by indexes while the statistics are those of an empty table', async () => {
    await query('DELETE FROM pg_statistic');
    await query("UPDATE pg_class SET reltuples = 0, relpages = 0 WHERE relname LIKE 'reader%'");
    const ids = Array.from({ length: 1_000 }, (_, each) => `reader-${10 * (each + 1)}`);
    const before = await scans('reader');
    expect(await moves.elsewhere(0, ids, NOW)).toHaveLength(1_000);
    expect(await scans('reader')).toBe(before);
  });

  it('gives all notices, page by page', async () => {
    const ids = new Set<string>();
    let pages = 0;
    for (let page = await moves.notices([0, 1]); page.length > 0; page = await moves.notices([0, 1], page.at(-1))) {
      for (const { readerId } of page) ids.add(readerId);
      pages += 1;
    }
    expect([ids.size, pages]).toEqual([READERS, READERS / MOST_NOTICES]);
  });

  it('deletes notices by an index, and only those that were read', async () => {
    const [some, newer] = await moves.notices([1]);
    await query(`UPDATE reader_move SET number = DEFAULT WHERE reader_id = '${newer!.readerId}'`);
    const before = await scans('reader_move');
    await moves.deleteNotices([some!, newer!]);
    expect(await scans('reader_move')).toBe(before);
    const [left] = await query<{ count: string }>('SELECT count(*) FROM reader_move');
    expect(Number(left!.count)).toBe(READERS - 1);
  });
});
