import { eventually } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fleet } from '../src/fleet/fleet.js';
import { FleetBench } from './support/fleet-bench.js';

const idsOf = (datasource: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${datasource}:${n}`);

describe('the workers of datasource-sync', () => {
  let bench: FleetBench;
  let fleet: Fleet;
  beforeAll(async () => {
    bench = await FleetBench.start();
    fleet = bench.fleet();
  });
  afterAll(() => bench.stop());

  it('publish the changes of each datasource in order under its id, and store the position behind them', async () => {
    bench.held.give('dse_1a', { total: 5_000, batch: 1_300 });
    bench.held.give('dse_1b', { total: 50, batch: 7 });
    for (const [id, count] of [
      ['dse_1a', 5_000],
      ['dse_1b', 50],
    ] as const) {
      const own = await bench.changes(id, count);
      expect(new Set(own.map(({ key }) => key))).toEqual(new Set([`${id}.events.things.insert`]));
      expect(own.map((change) => change.id)).toEqual(idsOf(id, count));
      expect(own.map(({ body }) => (JSON.parse(body) as { n: number }).n)).toEqual(own.map((_, n) => n));
      await bench.records.done(id);
      expect(bench.records.positions.get(id)).toBe(count);
    }
  });

  it('publish nothing of a datasource that is not held any more', async () => {
    bench.held.lost.add('dse_2a');
    bench.held.give('dse_2a', { total: 10 });
    await eventually(() => bench.records.codes('dse_2a').includes('not_held'));
    // Whatever was published of it would have come before these.
    bench.held.give('dse_2b', { total: 10 });
    await bench.changes('dse_2b', 10);
    expect(await bench.changes('dse_2a', 0)).toEqual([]);
    expect(bench.records.positions.has('dse_2a')).toBe(false);
  });

  it('read again from the position that was stored last where a later one cannot be stored', async () => {
    bench.records.failing = true;
    bench.held.give('dse_3a', { total: 100, batch: 10 });
    await eventually(() => bench.records.codes('dse_3a').includes('store'));
    expect(bench.records.positions.has('dse_3a')).toBe(false);
    bench.records.failing = false;
    await bench.records.done('dse_3a');
    expect(bench.records.positions.get('dse_3a')).toBe(100);
    const changes = await bench.changes('dse_3a', 100);
    expect(new Set(changes.map(({ id }) => id))).toEqual(new Set(idsOf('dse_3a', 100)));
  });

  it('lose nothing when the connections to the broker are cut', async () => {
    bench.held.give('dse_4a', { total: 20_000, batch: 500 });
    for (const least of [1_000, 8_000]) {
      await eventually(() => Number(bench.records.positions.get('dse_4a') ?? 0) >= least);
      bench.line.reset();
    }
    await bench.records.done('dse_4a');
    expect(bench.records.codes('dse_4a')).toContain('broker');
    await eventually(async () => {
      const changes = await bench.changes('dse_4a', 20_000);
      return new Set(changes.map(({ id }) => id)).size === 20_000;
    });
  });

  it('publish a change of several MiB, and many of them one after another', async () => {
    bench.held.give('dse_5a', { total: 3, batch: 3, body: 5 * 2 ** 20 });
    const changes = await bench.changes('dse_5a', 3);
    expect(changes.map(({ id }) => id)).toEqual(idsOf('dse_5a', 3));
  });

  it('go on from the stored position with another version, with one follower at a time', async () => {
    bench.held.give('dse_7a', { total: 10 });
    await bench.records.done('dse_7a');
    bench.held.give('dse_7a', { total: 25 }, { version: 2 });
    await eventually(() => bench.records.positions.get('dse_7a') === 25);
    expect((await bench.changes('dse_7a', 25)).map(({ id }) => id)).toEqual(idsOf('dse_7a', 25));
  });

  it('begin again with another generation', async () => {
    bench.held.give('dse_8a', { total: 10 });
    await bench.records.done('dse_8a');
    bench.held.give('dse_8a', { total: 10 }, { version: 2, generation: 1 });
    expect((await bench.changes('dse_8a', 20)).map(({ id }) => id)).toEqual([
      ...idsOf('dse_8a', 10),
      ...idsOf('dse_8a', 10),
    ]);
  });

  it('end the work on a datasource that is taken back, and then report it', async () => {
    bench.held.give('dse_9a', { total: 1 });
    await bench.records.done('dse_9a');
    bench.held.take('dse_9a');
    await eventually(() => bench.records.releases.length > 0);
    expect(bench.records.releases).toEqual(['dse_9a']);
  });

  it('store that what is only watched was given up, and publish nothing of it', async () => {
    bench.held.give('dse_11a', { ends: 'given up' }, { task: 'watch' });
    await eventually(() => bench.records.positions.get('dse_11a') === 'given up');
    expect(bench.deaths).toEqual([]);
    bench.held.give('dse_11b', { total: 1 }, { task: 'watch' });
    await eventually(() => bench.deaths.includes('misbehaved'));
    expect(await bench.changes('dse_11b', 0)).toEqual([]);
    bench.held.take('dse_11b');
  });

  it('check a source, and say nothing of it where the check or its worker fails', async () => {
    const good = bench.held.give('dse_10a', {}, { task: 'rest' });
    await expect(fleet.check(good)).resolves.toMatchObject({ outcome: 'ready' });
    const failing = bench.held.give('dse_10b', { finds: 'nothing' }, { task: 'rest' });
    await expect(fleet.check(failing)).rejects.toThrow('the check failed in its worker');
    const crashing = bench.held.give('dse_10c', { finds: 'crash' }, { task: 'rest' });
    await expect(fleet.check(crashing)).rejects.toThrow('the check failed in its worker');
    await expect(fleet.check({ ...good, id: 'dse_unknown' })).rejects.toThrow('was not assigned');
  });

  it('cannot read the environment of the process that started them', async () => {
    const spying = bench.held.give('dse_12a', { finds: 'spy' }, { task: 'rest' });
    await expect(fleet.check(spying)).rejects.toThrow('the check failed in its worker');
  });

  it('are ended where they send something about work that they were not given', async () => {
    const before = bench.deaths.length;
    // One that was given before may be in a worker that is being restarted.
    const forging = bench.held.give('dse_13a', { finds: 'forge' }, { task: 'rest' });
    await expect(fleet.check(forging)).rejects.toThrow('the worker of the check ended');
    await eventually(() => bench.deaths.length > before);
    expect(bench.deaths.slice(before)).toEqual(['misbehaved']);
    bench.held.take('dse_13a');
  });

  it.each([
    ['crash', 'crashed', 'worker_crashed'],
    ['eat', 'out_of_memory', 'worker_out_of_memory'],
  ] as const)(
    'leave a datasource alone that kills its worker (%s), and go on with the others',
    async (does, reason, code) => {
      const good = ['a', 'b', 'c'].map((letter) => `dse_${does}_${letter}`);
      const bad = `dse_${does}`;
      for (const id of good) bench.held.give(id, { total: 10 });
      await Promise.all(good.map((id) => bench.records.done(id)));
      bench.held.give(bad, { does });
      await eventually(() => bench.records.codes(bad).includes(code));
      expect(bench.deaths).toContain(reason);
      const last = bench.records.reports.get(bad)?.findLast(({ sync }) => sync.error?.code === code);
      expect(last?.sync).toMatchObject({ state: 'retrying' });
      expect(last?.sync.next_attempt_at).toBeGreaterThan(Date.now() - 60_000);
      // A worker works on the others, and not on that one.
      for (const id of good) {
        bench.held.give(id, { total: 20 }, { version: 2 });
        await eventually(() => bench.records.positions.get(id) === 20);
        expect(bench.records.pids(bad)).not.toContain(bench.records.pids(id).at(-1));
      }
      bench.held.take(bad);
    },
  );
});
