import { eventually } from '@signalbox/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { followPostgres } from '../../src/postgres/index.js';
import type { DirectAssignment } from '../../src/work/assignment.js';
import type { Follower } from '../../src/work/follower.js';
import { RecordingHost } from './support/recording-host.js';
import { SourceServer } from './support/source-server.js';

let server: SourceServer;
let followers: Follower[] = [];

beforeAll(async () => {
  server = await SourceServer.start();
});

afterEach(async () => {
  await Promise.all(followers.map((follower) => follower.stop()));
  followers = [];
  await server.dropSlots();
  await server.run(
    `DROP PUBLICATION IF EXISTS signalbox_publication; DROP SCHEMA public CASCADE; CREATE SCHEMA public`,
  );
});

afterAll(() => server?.stop());

const timing = { monitorMs: 100, silenceMs: 60_000, backoff: { minMs: 20, maxMs: 200 } };

function follow(host: RecordingHost, more: Partial<DirectAssignment> = {}): Follower {
  const follower = followPostgres(server.assignment({}, more), host, timing);
  followers.push(follower);
  return follower;
}

const inSchema = 'CREATE PUBLICATION signalbox_publication FOR TABLES IN SCHEMA public;';

describe('following a database', () => {
  it('reads the rows that are there, then their changes', async () => {
    await server.run(`CREATE TABLE orders (id int PRIMARY KEY, note text); ${inSchema}
      INSERT INTO orders SELECT n, 'note ' || n FROM generate_series(1, 2500) n`);
    const host = new RecordingHost();
    follow(host);
    await eventually(() => host.state?.sync.state === 'streaming');
    expect(host.rows('orders')).toHaveLength(2500);
    await server.run(`UPDATE orders SET note = 'changed' WHERE id = 1; DELETE FROM orders WHERE id = 2;
      UPDATE orders SET id = 5000 WHERE id = 3; INSERT INTO orders VALUES (6000, 'a "new" one')`);
    await eventually(() => host.rows('orders').some(({ id }) => id === 6000));
    const { rows } = await server.run('SELECT id, note FROM orders ORDER BY id');
    expect(host.rows('orders').toSorted((a, b) => Number(a['id']) - Number(b['id']))).toEqual(rows);
    expect(host.changes.slice(0, 2).map(({ op }) => op)).toEqual(['truncate', 'read']);
  });

  it('writes each type the same way from a row and from a change', async () => {
    await server.run(`CREATE TYPE public.mood AS ENUM ('glad', 'sad'); CREATE DOMAIN public.price AS numeric(20, 4); CREATE DOMAIN public.small AS int;
      CREATE TABLE things (id int8 PRIMARY KEY, i2 int2, f4 float4, f8 float8, n numeric, b bool, raw bytea, tz timestamptz, ts timestamp, d date,
        t time, j json, jb jsonb, ints int[][], texts text[], moods mood[], mood mood, u uuid, r int4range, iv interval, price price, small small,
        bools bool[], big int8[], nothing text, twice int GENERATED ALWAYS AS (i2 * 2) STORED); ${inSchema}`);
    const values = `32767, 1.5, 'NaN', 12345678901234567890.123456789, true, '\\x00ff', '2024-02-29 12:34:56.123456+02', '2024-02-29 12:34:56.7', '2024-02-29',
      '23:59:59.999999', '{"big": 12345678901234567890, "a":1,"a":2}', '{"x": 1.10}', '{{1,2},{3,NULL}}', ARRAY['a,"b"', NULL, 'NULL', '', 'x\\y'], '{glad,sad}',
      'glad', '11111111-2222-3333-4444-555555555555', '[1,5)', '1 day 02:00:00', 1.5, 7, '{t,f}', '{9007199254740993}', NULL`;
    await server.run(
      `INSERT INTO things VALUES (9007199254740993, ${values}); INSERT INTO things VALUES (2, 1, 'Infinity', 1e300, 'NaN', false, '', 'infinity', '-infinity', 'infinity')`,
    );
    const host = new RecordingHost();
    follow(host);
    await eventually(() => host.state?.sync.state === 'streaming');
    const read = host.changes.filter(({ op }) => op === 'read').map(({ after }) => after);
    await server.run(`CREATE TEMP TABLE copy AS SELECT * FROM things; DELETE FROM things; INSERT INTO things
      SELECT id, i2, f4, f8, n, b, raw, tz, ts, d, t, j, jb, ints, texts, moods, mood, u, r, iv, price, small, bools, big, nothing FROM copy ORDER BY id`);
    await eventually(() => host.changes.filter(({ op }) => op === 'insert').length === 2);
    const inserted = host.changes
      .filter(({ op, table }) => op === 'insert' && table === 'things')
      .map(({ after }) => after);
    expect(inserted).toEqual(read);
    expect(read[1]).toEqual({
      id: '9007199254740993',
      i2: 32767,
      f4: 1.5,
      f8: 'NaN',
      n: '12345678901234567890.123456789',
      b: true,
      raw: 'AP8=',
      tz: '2024-02-29T10:34:56.123456Z',
      ts: '2024-02-29T12:34:56.7',
      d: '2024-02-29',
      t: '23:59:59.999999',
      j: { big: Number('12345678901234567890'), a: 2 },
      jb: { x: 1.1 },
      ints: [
        [1, 2],
        [3, null],
      ],
      texts: ['a,"b"', null, 'NULL', '', 'x\\y'],
      moods: ['glad', 'sad'],
      mood: 'glad',
      u: '11111111-2222-3333-4444-555555555555',
      r: '[1,5)',
      iv: '1 day 02:00:00',
      price: '1.5000',
      small: 7,
      bools: [true, false],
      big: ['9007199254740993'],
      nothing: null,
    });
    expect(read[0]).toMatchObject({
      f4: 'Infinity',
      f8: 1e300,
      n: 'NaN',
      tz: 'infinity',
      ts: '-infinity',
      d: 'infinity',
      raw: '',
    });
  });

  it('names the columns that are not sent because they did not change', async () => {
    await server.run(`CREATE TABLE docs (id int PRIMARY KEY, title text, body text); ALTER TABLE docs ALTER body SET STORAGE EXTERNAL; ${inSchema}
      INSERT INTO docs VALUES (1, 'a', repeat('long ', 2000))`);
    const host = new RecordingHost();
    follow(host);
    await eventually(() => host.state?.sync.state === 'streaming');
    await server.run(
      `UPDATE docs SET title = 'b'; UPDATE docs SET id = 2; ALTER TABLE docs REPLICA IDENTITY FULL; UPDATE docs SET title = 'c'`,
    );
    await eventually(() => host.rows('docs')[0]?.['title'] === 'c');
    const updates = host.changes.filter(({ op }) => op === 'update');
    expect(updates.map(({ unchanged, key }) => ({ unchanged, key }))).toEqual([
      { unchanged: ['body'], key: { id: 1 } },
      { unchanged: ['body'], key: { id: 2 } },
      { unchanged: undefined, key: { id: 2 } },
    ]);
    expect(host.rows('docs')).toEqual([{ id: 2, title: 'c', body: 'long '.repeat(2000) }]);
  });

  it('follows changes of the schema, of the publication and truncations', async () => {
    await server.run(`CREATE TABLE orders (id int PRIMARY KEY, note text); CREATE TABLE later (id int PRIMARY KEY); INSERT INTO later VALUES (7);
      CREATE PUBLICATION signalbox_publication FOR TABLE orders`);
    const host = new RecordingHost();
    follow(host);
    await eventually(() => host.state?.sync.state === 'streaming');
    await server.run(`INSERT INTO orders VALUES (1, 'x'); ALTER TABLE orders ADD COLUMN amount numeric; INSERT INTO orders VALUES (2, 'y', 1.50);
      ALTER TABLE orders DROP COLUMN note; ALTER TABLE orders ALTER amount TYPE text; INSERT INTO orders VALUES (3, 'z'); TRUNCATE orders;
      ALTER TABLE orders RENAME TO sales; INSERT INTO sales VALUES (4, 'w'); ALTER PUBLICATION signalbox_publication ADD TABLE later`);
    // The monitor notices the new table.
    await eventually(() => host.rows('later').length === 1);
    await server.run('INSERT INTO later VALUES (8)');
    await eventually(() => host.rows('later').length === 2);
    expect(host.changes.filter(({ op }) => op === 'insert').map(({ table, after }) => [table, after])).toEqual([
      ['orders', { id: 1, note: 'x' }],
      ['orders', { id: 2, note: 'y', amount: '1.50' }],
      ['orders', { id: 3, amount: 'z' }],
      ['sales', { id: 4, amount: 'w' }],
      ['later', { id: 8 }],
    ]);
    expect(host.rows('orders')).toEqual([]);
    expect(host.attempts.filter(({ outcome }) => outcome !== 'succeeded')).toEqual([]);
  });

  it('reads what the publication says: columns, rows, partitions, and no other schema', async () => {
    await server.run(`CREATE TABLE people (id int PRIMARY KEY, name text, secret text); CREATE TABLE parts (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
      CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM ('2024-01-01') TO ('2025-01-01'); CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.other (id int PRIMARY KEY);
      CREATE PUBLICATION signalbox_publication FOR TABLE people (id, name) WHERE (id < 10), parts, elsewhere.other WITH (publish_via_partition_root = true);
      INSERT INTO people VALUES (1, 'a', 'x'), (20, 'b', 'y'); INSERT INTO parts VALUES (1, '2024-05-05'); INSERT INTO elsewhere.other VALUES (1)`);
    const host = new RecordingHost();
    follow(host);
    await eventually(() => host.state?.sync.state === 'streaming');
    expect(host.rows('people')).toEqual([{ id: 1, name: 'a' }]);
    expect(host.rows('parts')).toEqual([{ id: 1, day: '2024-05-05' }]);
    await server.run(
      `INSERT INTO elsewhere.other VALUES (2); INSERT INTO people VALUES (2, 'c', 'z'), (21, 'd', 'w'); INSERT INTO parts VALUES (2, '2024-06-06')`,
    );
    await eventually(() => host.rows('parts').length === 2);
    expect(host.rows('people')).toEqual([
      { id: 1, name: 'a' },
      { id: 2, name: 'c' },
    ]);
    expect([...host.tables.keys()].toSorted()).toEqual(['parts', 'people']);
    await server.run('DROP SCHEMA elsewhere CASCADE');
  });

  it('names the primary key of a table whose replica identity is the whole row, also of a new one', async () => {
    await server.run(`CREATE TABLE orders (id int PRIMARY KEY, note text); ALTER TABLE orders REPLICA IDENTITY FULL;
      CREATE TABLE lines (line text); ALTER TABLE lines REPLICA IDENTITY FULL; ${inSchema} INSERT INTO orders VALUES (1, 'a'); INSERT INTO lines VALUES ('x'), ('x')`);
    const host = new RecordingHost();
    follow(host);
    await eventually(() => host.state?.sync.state === 'streaming');
    await server.run(`UPDATE orders SET note = 'b'; DELETE FROM orders; CREATE TABLE more (id int PRIMARY KEY); ALTER TABLE more REPLICA IDENTITY FULL;
      INSERT INTO more VALUES (7); INSERT INTO lines VALUES ('y')`);
    await eventually(() => host.changes.some(({ op, table }) => op === 'insert' && table === 'lines'));
    const shown = host.changes
      .filter(({ op, table }) => table !== 'more' && op !== 'truncate')
      .map(({ op, key, before, after }) => [op, key, before, after]);
    expect(shown).toEqual([
      ['read', null, null, { line: 'x' }],
      ['read', null, null, { line: 'x' }],
      ['read', { id: 1 }, null, { id: 1, note: 'a' }],
      ['update', { id: 1 }, { id: 1, note: 'a' }, { id: 1, note: 'b' }],
      ['delete', { id: 1 }, { id: 1, note: 'b' }, null],
      ['insert', null, null, { line: 'y' }],
    ]);
    expect(new Set(host.changes.map(({ id }) => id)).size).toBe(host.changes.length);
    expect(
      host.changes
        .filter(({ table, op }) => table === 'more' && op !== 'truncate')
        .every(({ key }) => key?.['id'] === 7),
    ).toBe(true);
  });

  it('follows the renaming of a key where the replica identity is the whole row', async () => {
    await server.run(`CREATE TABLE orders (id int PRIMARY KEY); ALTER TABLE orders REPLICA IDENTITY FULL; ${inSchema}`);
    const host = new RecordingHost();
    follow(host);
    await eventually(() => host.state?.sync.state === 'streaming');
    await server.run(`INSERT INTO orders VALUES (1)`);
    await server.run(`ALTER TABLE orders RENAME id TO number; INSERT INTO orders VALUES (2)`);
    await eventually(() => host.changes.length === 3);
    await server.run(`ALTER TABLE orders RENAME number TO code; DELETE FROM orders WHERE code = 1`);
    await eventually(() => host.changes.at(-1)?.op === 'delete');
    expect(host.changes.slice(1).map(({ key }) => key)).toEqual([{ id: 1 }, { number: 2 }, { code: 1 }]);
    expect(host.attempts.filter(({ outcome }) => outcome !== 'succeeded')).toEqual([]);
  });

  it('knows the key under each name of a time when it did not look, but not where names changed places', async () => {
    await server.run(`CREATE TABLE orders (note text, id int PRIMARY KEY); CREATE TABLE pairs (a int PRIMARY KEY, b int);
      ALTER TABLE orders REPLICA IDENTITY FULL; ALTER TABLE pairs REPLICA IDENTITY FULL; ${inSchema}`);
    const host = new RecordingHost();
    const first = follow(host);
    await eventually(() => host.state?.sync.state === 'streaming');
    await first.stop();
    await server.run(`ALTER TABLE orders RENAME id TO k1`);
    for (let n = 1; n <= 6; n++)
      await server.run(`INSERT INTO orders VALUES ('x', ${n}); ALTER TABLE orders RENAME k${n} TO k${n + 1}`);
    await server.run(`ALTER TABLE orders ADD COLUMN more int; INSERT INTO orders VALUES ('x', 7, 1); ALTER TABLE orders DROP COLUMN more;
      INSERT INTO pairs VALUES (1, 2); ALTER TABLE pairs RENAME a TO c; ALTER TABLE pairs RENAME b TO a; ALTER TABLE pairs RENAME c TO b;
      INSERT INTO pairs VALUES (3, 4)`);
    follow(host, { position: host.position });
    await eventually(() => host.changes.filter(({ op }) => op === 'insert').length === 9);
    expect(host.changes.filter(({ op }) => op === 'insert').map(({ key }) => key)).toEqual([
      ...[1, 2, 3, 4, 5, 6, 7].map((n) => ({ [`k${n}`]: n })),
      null,
      { b: 3 },
    ]);
    expect(host.attempts.filter(({ outcome }) => outcome !== 'succeeded')).toEqual([]);
  });

  it('reads a table whose key is not in the stream as one without a key', async () => {
    await server.run(`CREATE TABLE codes (n int, twice int GENERATED ALWAYS AS (n * 2) STORED PRIMARY KEY); ${inSchema}
      INSERT INTO codes SELECT generate_series(1, 1500)`);
    const host = new RecordingHost();
    const first = follow(host);
    await eventually(() => host.changes.length > 1501 || host.state?.sync.state === 'streaming');
    expect(host.changes).toHaveLength(1501);
    expect(host.changes.at(-1)).toMatchObject({ op: 'read', key: null, after: { n: expect.any(Number) as number } });
    await first.stop();
    await server.run('ALTER PUBLICATION signalbox_publication SET (publish_generated_columns = stored)');
    const other = new RecordingHost();
    follow(other, { generation: 2 });
    await eventually(() => other.state?.sync.state === 'streaming');
    await server.run('DELETE FROM codes WHERE n = 7');
    await eventually(() => other.changes.at(-1)?.op === 'delete');
    expect(other.changes[1]).toMatchObject({ op: 'read', key: { twice: 2 }, after: { n: 1, twice: 2 } });
    expect(other.changes.at(-1)).toMatchObject({ key: { twice: 14 } });
    expect(other.rows('codes')).toHaveLength(1499);
  });

  it('shows no credential in what it reports and logs', async () => {
    await server.run(`CREATE TABLE orders (id int PRIMARY KEY); ${inSchema}`);
    const secret = 'canary-of-the-password';
    const host = new RecordingHost();
    const { source } = server.assignment();
    follow(host, { source: { ...source, password: secret } });
    await eventually(() => host.state?.sync.error?.code === 'login_refused');
    expect(host.state?.sync.state).toBe('blocked');
    expect(JSON.stringify([host.states, host.attempts, host.lines])).not.toContain(secret);
  });
});
