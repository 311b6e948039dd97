import { eventually } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SourceServer } from './postgres/support/source-server.js';
import { eventuallyIn, SyncService } from './support/sync-service.js';

describe('datasource-sync over a database', () => {
  let source: SourceServer;
  let service: SyncService;
  let id: string;

  beforeAll(async () => {
    [source, service] = await Promise.all([SourceServer.start({ wal_level: 'logical' }), SyncService.start()]);
    await source.run(`
      CREATE TABLE items (id integer PRIMARY KEY, note text);
      CREATE PUBLICATION signalbox_publication FOR TABLE items;
      INSERT INTO items SELECT n, 'first' FROM generate_series(1, 500) n;`);
  });
  afterAll(async () => {
    await service.stop();
    await source.stop();
  });

  const hasRows = (count: number) => (): boolean => service.rows('items').size === count;

  it('checks it, and publishes the rows that it has', async () => {
    const { user, password, host, port, database } = source.assignment().source;
    const url = `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${database}?sslmode=disable`;
    const { datasource } = await service.request('create', { connectionString: url });
    id = datasource.id;
    await eventuallyIn(service, hasRows(500));
    expect(service.changes.every(({ key }) => key.startsWith(`${id}.public.items.`))).toBe(true);
    await eventuallyIn(service, () => service.workers().length > 0);
  });

  it('goes on without a loss after its worker was killed, in another one', async () => {
    // One is for endpoints, and has none.
    const workers = service.workers();
    await source.run(`INSERT INTO items SELECT n, 'second' FROM generate_series(501, 900) n`);
    for (const worker of workers) process.kill(worker, 'SIGKILL');
    await source.run(`INSERT INTO items SELECT n, 'third' FROM generate_series(901, 1000) n`);
    await eventuallyIn(service, hasRows(1_000));
    expect(service.workers().filter((worker) => workers.includes(worker))).toEqual([]);
    expect(service.output).toContain('a worker died, it is restarted');
  });

  it('goes on without a loss after it was killed itself, and leaves no worker behind', async () => {
    const workers = service.workers();
    await source.run(`UPDATE items SET note = 'fourth'`);
    await service.kill();
    await eventually(() => !workers.some(isAlive));
    await source.run(`INSERT INTO items SELECT n, 'fourth' FROM generate_series(1001, 1100) n`);
    await service.run();
    await eventuallyIn(service, hasRows(1_100));
    await eventuallyIn(service, () => [...service.rows('items').values()].every(({ note }) => note === 'fourth'));
    expect(service.workers().filter((worker) => workers.includes(worker))).toEqual([]);
  });

  it('ends its work at the source when the datasource is deleted', async () => {
    await service.request('delete', undefined, id);
    const slots = await eventually(async () => {
      const { rows } = await source.run('SELECT slot_name FROM pg_replication_slots');
      return rows.length === 0 && rows;
    });
    expect(slots).toEqual([]);
  });

  it('shows no password in what it logs', () => {
    const { password } = source.assignment().source;
    expect(service.output).not.toContain(password);
    expect(service.output).not.toContain(encodeURIComponent(password));
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
