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
  await server.run(`SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots;
    DROP PUBLICATION IF EXISTS signalbox_publication; DROP SCHEMA public CASCADE; CREATE SCHEMA public`);
});

afterAll(() => server?.stop());

function follow(host: RecordingHost, more: Partial<DirectAssignment> = {}): Follower {
  const follower = followPostgres(server.assignment({}, more), host);
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
});
