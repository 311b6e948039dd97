import { eventually } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FleetBench } from './support/fleet-bench.js';

const idsOf = (datasource: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${datasource}:${n}`);

describe('the workers of datasource-sync', () => {
  let bench: FleetBench;
  beforeEach(async () => {
    bench = await FleetBench.start();
  });
  afterEach(() => bench.stop());

  it('publish the changes of each datasource in order under its id, and store the position behind them', async () => {
    bench.fleet();
    bench.held.give('dse_a', { total: 5_000, batch: 1_300 });
    bench.held.give('dse_b', { total: 50, batch: 7 });
    const changes = await bench.changes(5_050);
    for (const [id, count] of [
      ['dse_a', 5_000],
      ['dse_b', 50],
    ] as const) {
      const own = changes.filter(({ key }) => key === `${id}.events.things.insert`);
      expect(own.map((change) => change.id)).toEqual(idsOf(id, count));
      expect(own.map(({ body }) => (JSON.parse(body) as { n: number }).n)).toEqual(own.map((_, n) => n));
      await bench.records.done(id);
      expect(bench.records.positions.get(id)).toBe(count);
    }
  });

  it('publish nothing of a datasource that is not held any more', async () => {
    bench.fleet();
    bench.held.lost.add('dse_a');
    bench.held.give('dse_a', { total: 10 });
    await eventually(() => bench.records.codes('dse_a').includes('not_held'));
    bench.held.give('dse_b', { total: 10 });
    expect((await bench.changes(10)).map(({ id }) => id)).toEqual(idsOf('dse_b', 10));
    expect(bench.records.positions.has('dse_a')).toBe(false);
  });

  it('read again from the position that was stored last where a later one cannot be stored', async () => {
    bench.fleet();
    bench.records.failing = true;
    bench.held.give('dse_a', { total: 100, batch: 10 });
    await eventually(() => bench.records.codes('dse_a').includes('store'));
    expect(bench.records.positions.has('dse_a')).toBe(false);
    bench.records.failing = false;
    await bench.records.done('dse_a');
    expect(bench.records.positions.get('dse_a')).toBe(100);
    const changes = await bench.changes(100);
    expect(new Set(changes.map(({ id }) => id))).toEqual(new Set(idsOf('dse_a', 100)));
  });

  it('lose nothing when the connections to the broker are cut', async () => {
    bench.fleet();
    bench.held.give('dse_a', { total: 20_000, batch: 500 });
    for (const least of [1_000, 8_000]) {
      await eventually(() => Number(bench.records.positions.get('dse_a') ?? 0) >= least);
      bench.line.reset();
    }
    await bench.records.done('dse_a');
    expect(bench.records.codes('dse_a')).toContain('broker');
    const ids = new Set<string>();
    await bench.consume(({ id }) => ids.add(id).size === 20_000);
  });

  it('publish a change of several MiB, and many of them one after another', async () => {
    bench.fleet();
    bench.held.give('dse_a', { total: 3, batch: 3, body: 5 * 2 ** 20 });
    const changes = await bench.changes(3);
    expect(changes.map(({ id }) => id)).toEqual(idsOf('dse_a', 3));
  });

  it.each([
    ['crash', 'crashed', 'worker_crashed'],
    ['eat', 'out_of_memory', 'worker_out_of_memory'],
  ] as const)(
    'leave a datasource alone that kills its worker (%s), and go on with the others',
    async (does, reason, code) => {
      bench.fleet();
      for (const id of ['dse_a', 'dse_b', 'dse_c']) bench.held.give(id, { total: 10 });
      await Promise.all(['dse_a', 'dse_b', 'dse_c'].map((id) => bench.records.done(id)));
      bench.held.give('dse_bad', { does });
      await eventually(() => bench.records.codes('dse_bad').includes(code));
      expect(new Set(bench.deaths)).toEqual(new Set([reason]));
      const last = bench.records.reports.get('dse_bad')?.findLast(({ sync }) => sync.error?.code === code);
      expect(last?.sync).toMatchObject({ state: 'retrying' });
      expect(last?.sync.next_attempt_at).toBeGreaterThan(Date.now() - 60_000);
      // A worker works on the others, and not on that one.
      for (const id of ['dse_a', 'dse_b', 'dse_c']) {
        bench.held.give(id, { total: 20 }, { version: 2 });
        await eventually(() => bench.records.positions.get(id) === 20);
        expect(bench.records.pids('dse_bad')).not.toContain(bench.records.pids(id).at(-1));
      }
    },
  );

  it('go on from the stored position with another version, with one follower at a time', async () => {
    bench.fleet();
    bench.held.give('dse_a', { total: 10 });
    await bench.records.done('dse_a');
    bench.held.give('dse_a', { total: 25 }, { version: 2 });
    await eventually(() => bench.records.positions.get('dse_a') === 25);
    expect((await bench.changes(25)).map(({ id }) => id)).toEqual(idsOf('dse_a', 25));
  });

  it('begin again with another generation', async () => {
    bench.fleet();
    bench.held.give('dse_a', { total: 10 });
    await bench.records.done('dse_a');
    bench.held.give('dse_a', { total: 10 }, { version: 2, generation: 1 });
    expect((await bench.changes(20)).map(({ id }) => id)).toEqual([...idsOf('dse_a', 10), ...idsOf('dse_a', 10)]);
  });

  it('end the work on a datasource that is taken back, and then report it', async () => {
    bench.fleet();
    bench.held.give('dse_a', { total: 1 });
    await bench.records.done('dse_a');
    bench.held.take('dse_a');
    await eventually(() => bench.records.releases.includes('dse_a'));
    // The worker went with its last datasource; another begins with a new one.
    bench.held.give('dse_b', { total: 1 });
    await bench.records.done('dse_b');
    expect(bench.records.pids('dse_b')).not.toEqual(bench.records.pids('dse_a'));
  });

  it('check a source, and say nothing of it where the check or its worker fails', async () => {
    const fleet = bench.fleet();
    const good = bench.held.give('dse_a', {}, { task: 'rest' });
    await expect(fleet.check(good)).resolves.toMatchObject({ outcome: 'ready' });
    const failing = bench.held.give('dse_b', { finds: 'nothing' }, { task: 'rest' });
    await expect(fleet.check(failing)).rejects.toThrow('the check failed in its worker');
    const crashing = bench.held.give('dse_c', { finds: 'crash' }, { task: 'rest' });
    await expect(fleet.check(crashing)).rejects.toThrow('the check failed in its worker');
    await expect(fleet.check({ ...good, id: 'dse_unknown' })).rejects.toThrow('was not assigned');
  });
});
