import { eventually, TcpProxy } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readerEntry, ReadersOwner } from '../support/readers-owner.js';
import { System, type SystemInProcess } from '../support/system.js';

interface Explanation {
  readonly data: {
    readonly components: readonly {
      readonly component: string;
      readonly status: string;
      readonly reasons: readonly { readonly rule: string; readonly sentence: string }[];
    }[];
  };
}

/** A gateway before owners of partitions that the test plays: what it gets of them, it gets through a real broker. */
describe('readers in several partitions', () => {
  let system: SystemInProcess;
  let proxy: TcpProxy;
  const owners: ReadersOwner[] = [];

  beforeAll(async () => {
    system = await System.inProcess();
    proxy = await TcpProxy.start({ port: Number(new URL(system.broker.url).port) });
    const through = new URL(system.broker.url);
    through.port = String(proxy.port);
    owners.push(await ReadersOwner.start(system.broker.url, { partition: 0, of: 2 }));
    await system.startGateway({ RABBITMQ_URL: through.href });
  });
  afterAll(async () => {
    await Promise.all(owners.map((owner) => owner.close()));
    await system.close();
    await proxy.close();
  });

  const own = async (partition: number, of: number): Promise<ReadersOwner> => {
    const owner = await ReadersOwner.start(system.broker.url, { partition, of });
    owners[partition] = owner;
    return owner;
  };
  const owner = (partition: number): ReadersOwner => owners[partition]!;
  const isIn = (map: string | undefined, readerId: string) =>
    eventually(async () => (await system.mapOf(readerId)) === map);
  const readerChecks = async (): Promise<string[]> =>
    Object.keys((await system.health()).checks).filter((name) => name.startsWith('stream readers.'));
  const total = async (): Promise<number> => {
    const answer = await system.get('/v1/readers');
    return ((await answer.json()) as { total: number }).total;
  };
  const reasons = async (): Promise<[status: string, ...string[]]> => {
    const answer = await system.get('/v1/status/explain');
    const { data } = (await answer.json()) as Explanation;
    const { status, reasons: its } = data.components.find(({ component }) => component === 'readers')!;
    return [status, ...its.map(({ rule, sentence }) => `${rule}: ${sentence}`)];
  };

  it('are unknown until there is a snapshot of each, and are shown together then', async () => {
    await owner(0).show(readerEntry('first'));
    await eventually(async () => (await system.health()).checks['stream readers.0']?.status === 'up');
    const { status, checks } = await system.health();
    expect([status, checks['readers']]).toMatchObject([
      'not_ready',
      { status: 'down', detail: 'snapshots of 1 of 2 partitions' },
    ]);
    expect((await system.status()).status).toBeNull();

    await own(1, 2);
    await owner(1).show(readerEntry('second'));
    await isIn('live', 'second');
    expect([await system.mapOf('first'), (await system.health()).status]).toEqual(['live', 'ready']);
    expect((await system.get('/healthz', {})).status).toBe(200);
    expect(await total()).toBe(2);
  });

  it('are shown once, by their latest heartbeat, and have not died where they moved from', async () => {
    const now = Date.now();
    await owner(0).show(readerEntry('moved', { received_at: now }));
    await isIn('live', 'moved');
    await owner(1).show(readerEntry('moved', { received_at: now + 1, state: 'loading' }));
    await isIn('loading', 'moved');
    await owner(0).show(readerEntry('moved', { received_at: now, state: 'dead' }), readerEntry('mark'));
    await isIn('live', 'mark');
    expect([await system.mapOf('moved'), await total()]).toEqual(['loading', 4]);
    const details = (await (await system.get('/v1/readers/moved')).json()) as { state: string };
    expect([details.state, owner(0).asked, owner(1).asked]).toEqual(['loading', [], [['show', 'moved']]]);
    expect(await (await system.get('/config/moved')).json()).toEqual({ partition: 1 });

    await owner(0).show(readerEntry('moved', { received_at: now + 2, state: 'live' }));
    await isIn('live', 'moved');
    await owner(1).beats(['moved', now + 3]);
    await isIn('loading', 'moved');
    await owner(1).remove('moved');
    await isIn('live', 'moved');
    await owner(0).remove('moved', 'mark');
    await isIn(undefined, 'moved');
  });

  it('are forgotten in every partition that has them', async () => {
    const now = Date.now();
    for (const partition of [0, 1]) owner(partition).asked.length = 0;
    await owner(0).show(readerEntry('dead', { received_at: now - 1, state: 'dead' }));
    await owner(1).show(readerEntry('dead', { received_at: now, state: 'dead' }));
    await isIn('dead', 'dead');
    await eventually(async () => (await total()) === 3);
    expect((await system.send('DELETE', '/v1/readers/dead')).status).toBe(204);
    expect(await system.mapOf('dead')).toBeUndefined();
    expect([owner(0).asked, owner(1).asked]).toEqual([[['forget', 'dead']], [['forget', 'dead']]]);
    const again = await system.send('DELETE', '/v1/readers/dead');
    expect([again.status, ((await again.json()) as { code: string }).code]).toEqual([404, 'reader_not_found']);
  });

  it('are not forgotten where they live in another partition', async () => {
    const now = Date.now();
    await owner(0).show(readerEntry('half', { received_at: now - 1 }));
    await owner(1).show(readerEntry('half', { received_at: now, state: 'dead' }));
    await isIn('dead', 'half');
    expect((await system.send('DELETE', '/v1/readers/half')).status).toBe(409);
    expect(await system.mapOf('half')).toBe('dead');
    await owner(0).remove('half');
    await owner(1).remove('half');
    await isIn(undefined, 'half');
  });

  it('stay shown while there are more partitions, of which the new ones are named until they have an owner', async () => {
    await owner(0).count(3);
    await eventually(async () => (await readerChecks()).includes('stream readers.2'));
    expect([await system.mapOf('first'), await system.mapOf('second')]).toEqual(['live', 'live']);
    expect((await system.health()).status).toBe('ready');
    expect(await eventually(reasons)).toEqual([
      'degraded',
      'readers.partition_silent: Nothing has been received from 1 of 3 partitions of reader-heartbeat: partition 2 since this process started.',
    ]);
    await own(2, 3);
    await owner(2).show(readerEntry('third'));
    await isIn('live', 'third');
    await eventually(async () => (await reasons())[0] === 'operational');
  });

  it('are followed in all partitions again after the connection to the broker was lost', async () => {
    proxy.reset();
    await owner(2).show(readerEntry('after the reset'));
    await owner(1).show(readerEntry('after the reset, too'));
    await isIn('live', 'after the reset');
    await isIn('live', 'after the reset, too');
    expect(await readerChecks()).toEqual(['stream readers.0', 'stream readers.1', 'stream readers.2']);
  });

  it('are named by their partition when its owner is silent', async () => {
    await owner(1).close();
    await eventually(async () => (await reasons())[0] === 'degraded');
    expect(await reasons()).toEqual([
      'degraded',
      expect.stringMatching(
        /^readers\.partition_silent: Nothing .* 1 of 3 partitions of reader-heartbeat: partition 1 for \d+ s\.$/,
      ),
    ]);
    expect(await system.mapOf('second')).toBe('live');
  });

  it('are not shown any more where only a partition had them that is no more', async () => {
    await owner(0).count(1);
    await isIn(undefined, 'second');
    expect([await system.mapOf('third'), await system.mapOf('first')]).toEqual([undefined, 'live']);
    expect(await readerChecks()).toEqual(['stream readers.0']);
    await eventually(async () => (await reasons())[0] === 'operational');
    const metrics = await (await fetch(`http://127.0.0.1:${system.managementPort}/metrics`)).text();
    expect(metrics.match(/signalbox_stream_age_seconds\{stream="readers[^"]*"/g)).toHaveLength(1);
  });
});
