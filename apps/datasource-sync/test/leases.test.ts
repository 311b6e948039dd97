import type { Database } from '@signalbox/persistence';
import { eventually, TcpProxy } from '@signalbox/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../src/config.js';
import { Commands, DIRECT, ENDPOINT } from './support/commands.js';
import { asked, configOf, logLines, rowOf, SyncInstance, TestStore } from './support/store.js';

let store: TestStore;
let database: Database;
let config: Config;
let commands: Commands;
const running: SyncInstance[] = [];

beforeAll(async () => {
  store = await TestStore.start();
  database = await store.open();
  config = configOf(store.url);
  commands = new Commands(database, config);
});
afterAll(() => store.close());
beforeEach(() => database.dataSource.query('DELETE FROM datasource'));
afterEach(() => Promise.all(running.splice(0).map((instance) => instance.stop())));

/** As a process that starts. */
async function start(url = store.url): Promise<SyncInstance> {
  const instance = new SyncInstance(await store.open(url), configOf(url)).start();
  running.push(instance);
  return instance;
}

/** As a process that is killed: it renews nothing, and gives nothing back. */
function kill(instance: SyncInstance): void {
  running.splice(running.indexOf(instance), 1);
  instance.kill();
}

/** That many active endpoints, as one statement stores them. */
async function fill(count: number): Promise<void> {
  const { id } = await commands.created(ENDPOINT);
  await commands.setActive(id);
  await database.dataSource.query(
    `INSERT INTO datasource
     SELECT (json_populate_record(d, json_build_object('id', d.id || n, 'identity', n::text, 'is_changed', false))).*
     FROM datasource d, generate_series(2, $2) n WHERE d.id = $1`,
    [id, count],
  );
}

const heldBy = (instance: SyncInstance): number => instance.fleet.work.size;

/** Credentials were sealed for the first row only: the others of `fill` cannot be opened, and are held without work. */
async function holders(): Promise<Record<string, number>> {
  const rows = await database.dataSource.query<{ holder: string | null; count: number }[]>(
    'SELECT holder, count(*)::int AS count FROM datasource GROUP BY 1',
  );
  return Object.fromEntries(rows.map(({ holder, count }) => [holder ?? 'none', count]));
}

const holds = async (instance: SyncInstance, count: number): Promise<boolean> =>
  (await holders())[instance.own.current() ?? ''] === count;

describe('leases', () => {
  it('share all datasources among the processes, and pass on those of a process that is killed', async () => {
    await fill(60);
    const first = await start();
    await eventually(() => holds(first, 60));
    const second = await start();
    await eventually(async () => (await holds(first, 30)) && (await holds(second, 30)));
    const fences = (): Promise<unknown[]> => database.dataSource.query('SELECT id, fence FROM datasource');
    const before = await fences();
    kill(first);
    await eventually(() => holds(second, 60));
    const same = new Set(before.map((each) => JSON.stringify(each)));
    expect((await fences()).filter((each) => same.has(JSON.stringify(each))).length).toBeLessThanOrEqual(30);
  });

  it('include what was taken by a statement whose answer was lost', async () => {
    const { id } = await commands.created(ENDPOINT);
    const instance = new SyncInstance(await store.open(), config);
    running.push(instance);
    const take = instance.repository.take.bind(instance.repository);
    instance.repository.take = async (...given) => {
      instance.repository.take = take;
      await take(...given);
      throw new Error('the connection was lost');
    };
    instance.start();
    await eventually(() => instance.fleet.work.get(id)?.task === 'follow');
    expect(await rowOf(database, id)).toMatchObject({ fence: 1, is_changed: false });
  });

  it('give back at once what a stopping process holds', async () => {
    await fill(10);
    const first = await start();
    await eventually(() => holds(first, 10));
    running.splice(running.indexOf(first), 1);
    await first.stop();
    expect(await holders()).toEqual({ none: 10 });
    expect(await database.dataSource.query('SELECT 1 FROM sync_process WHERE expires_at > now()')).toEqual([]);
    expect(heldBy(first)).toBe(0);
  });

  it('of a new datasource belong to the process that registered it', async () => {
    const [first, second] = [await start(), await start()];
    await eventually(() => first.own.current() !== null && second.own.current() !== null);
    const mine = new Commands(second.database, second.config, second.own);
    const { id } = await mine.created(ENDPOINT);
    await eventually(() => second.fleet.checked.length > 0);
    expect(await rowOf(database, id)).toMatchObject({ holder: second.own.current(), fence: 1 });
    expect(second.leases.isHeld(id, 1)).toBe(true);
    expect(second.leases.isHeld(id, 0)).toBe(false);
    expect(first.leases.isHeld(id, 1)).toBe(false);
  });

  it('give a new assignment where another process changes what is to be done', async () => {
    const instance = await start();
    const { id } = await commands.created(ENDPOINT);
    const task = (): unknown => instance.fleet.work.get(id)?.task;
    await eventually(() => task() === 'follow');
    await commands.patch.execute(asked(config, { id, body: { paused: true } }));
    await eventually(() => task() === 'rest');
    await commands.patch.execute(asked(config, { id, body: { paused: false } }));
    await eventually(() => task() === 'follow');
    const before = instance.fleet.assigned.length;
    await commands.patch.execute(asked(config, { id, body: { metadata: { a: '1' } } }));
    await commands.resync.execute(asked(config, { id }));
    await eventually(() => instance.fleet.work.get(id)?.generation === 2);
    expect(instance.fleet.assigned.length).toBe(before + 1);
  });

  it('end with a deleted endpoint, whose row is then removed', async () => {
    const instance = await start();
    const [{ id }, other] = [await commands.created(ENDPOINT), await commands.created(DIRECT)];
    await eventually(() => instance.fleet.work.get(id)?.task === 'follow' && instance.fleet.work.has(other.id));
    await commands.remove.execute(asked(config, { id }));
    await eventually(async () => !instance.fleet.work.has(id) && (await rowOf(database, id)) === undefined);
    expect(instance.fleet.work.has(other.id)).toBe(true);
  });

  it('let the slot of a deleted database be dropped before its row is', async () => {
    const instance = await start();
    const { id } = await commands.created(DIRECT);
    await eventually(() => instance.fleet.work.get(id)?.task === 'follow');
    instance.fleet.left = ['SELECT 1'];
    const { left_behind } = await commands.remove.execute(asked(config, { id }));
    expect(left_behind?.remove_with).toHaveLength(2);
    expect(await rowOf(database, id)).toMatchObject({ is_deleting: true });
    instance.records.released(id, instance.fleet.work.get(id)!.fence, null);
    await eventually(async () => (await rowOf(database, id)) === undefined);
  });

  it('give up after seven days to drop the slot of a deleted database, and say what is left', async () => {
    const instance = await start();
    const { id } = await commands.created(DIRECT);
    await eventually(() => instance.fleet.work.get(id)?.task === 'follow');
    instance.fleet.left = ['SELECT 1'];
    await commands.remove.execute(asked(config, { id }));
    await instance.abandoned.giveUp();
    expect(await rowOf(database, id)).toMatchObject({ is_deleting: true });
    await database.dataSource.query(`UPDATE datasource SET deleted_at = deleted_at - interval '7 days'`);
    await instance.abandoned.giveUp();
    expect([await rowOf(database, id), instance.fleet.work.has(id)]).toEqual([undefined, false]);
    expect(logLines).toContainEqual(
      expect.objectContaining({ datasource: id, left: expect.stringContaining('drop_replication_slot') as string }),
    );
  });

  it('end where the database cannot be reached any more, before another process takes over', async () => {
    const { port } = new URL(store.url);
    const proxy = await TcpProxy.start({ port: Number(port) });
    const url = Object.assign(new URL(store.url), { port: String(proxy.port) }).href;
    try {
      const cut = await start(url);
      const { id } = await commands.created(ENDPOINT);
      await eventually(() => cut.fleet.work.get(id)?.task === 'follow');
      const { fence } = cut.fleet.work.get(id)!;
      const other = await start();
      proxy.cut();
      await eventually(() => other.fleet.work.has(id));
      expect(cut.leases.isHeld(id, fence)).toBe(false);
      expect(other.fleet.work.get(id)!.fence).toBeGreaterThan(fence);
      await eventually(() => !cut.fleet.work.has(id));
      proxy.restore();
      await eventually(() => cut.own.current() !== null);
    } finally {
      proxy.restore();
      await Promise.all(running.splice(0).map((instance) => instance.stop()));
      await proxy.close();
    }
  });
});
