import {
  EARLIER_BEATS_QUEUE,
  exchanges,
  heldExchange,
  heldQueue,
  partitionExchange,
} from '@signalbox/contracts/messages';
import type { ReadersSettings, StreamDelta } from '@signalbox/contracts/streams';
import { eventually } from '@signalbox/testing';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beat, BeatPublisher } from '../support/beating.js';
import type { ServiceProcess } from '../support/service-process.js';
import { System } from '../support/system.js';

const READERS = Array.from({ length: 48 }, (_, number) => `reader-${number}`);
const KNOWN = 'SELECT reader_id, since FROM reader_heartbeat.reader ORDER BY 1';
const PATIENCE = { timeoutMs: 40_000, everyMs: 200 };

/** Several processes of reader-heartbeat share the partitions while readers beat. Each test continues from the one before. */
describe('partitions of readers', () => {
  let system: System;
  let readers: BeatPublisher;
  let database: pg.Client;
  let broker: ChannelModel;
  let channel: Channel;
  let beating: NodeJS.Timeout;
  let seq = 0;
  /** Their senders publish with keys that begin so. */
  let prefix = '';
  /** Deltas that show a reader as dead. */
  const deaths: string[] = [];
  /** The readers in the stream of each partition. */
  const inStreams = new Map<string, Set<string>>();
  /** How many readers the streams had that followers left, and no other stream, as often as they left some. */
  const left: number[] = [];
  const processes = new Map<string, ServiceProcess>();

  beforeAll(async () => {
    system = await System.create();
    readers = await BeatPublisher.open(system.broker.url);
    database = new pg.Client({ connectionString: system.database.url });
    await database.connect();
    broker = await connect(system.broker.url);
    channel = await broker.createChannel();
    await channel.assertExchange('signalbox.state', 'topic', { durable: true });
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, 'signalbox.state', 'readers.#');
    await channel.consume(queue, (message) => note(String(message?.content)), { noAck: true });
  });
  afterAll(async () => {
    clearInterval(beating);
    await Promise.all([...processes.values()].map((process) => process.stop()));
    await readers?.close();
    await broker?.close();
    await database?.end();
    await system?.close();
  });

  function note(text: string): void {
    if (text.includes('"state":"dead"')) deaths.push(text);
    const { stream, changes = [] } = JSON.parse(text) as Partial<StreamDelta> & Pick<StreamDelta, 'stream'>;
    const readersOf = inStreams.get(stream) ?? new Set();
    inStreams.set(stream, readersOf);
    for (const { key, value } of changes) {
      if (value === null) readersOf.delete(key);
      else if (key !== 'settings') readersOf.add(key);
      else if (stream === 'readers.0') noteFollowed((value as unknown as ReadersSettings).partitions);
    }
  }

  /** Followers leave the streams of further partitions. */
  function noteFollowed(count: number): void {
    const isFollowed = (stream: string): boolean => Number(stream.split('.')[1]) < count;
    const followed = [...inStreams].filter(([stream]) => isFollowed(stream)).flatMap(([, keys]) => [...keys]);
    for (const [stream, keys] of inStreams)
      if (!isFollowed(stream)) left.push([...keys].filter((key) => !followed.includes(key)).length);
  }

  const rows = async <Row>(sql: string): Promise<Row[]> => (await database.query(sql)).rows as Row[];

  async function start(name: string, partitions: number): Promise<void> {
    processes.set(name, await system.startReaderHeartbeat({ HEARTBEAT_PARTITIONS: String(partitions) }));
  }

  async function kill(name: string): Promise<void> {
    await processes.get(name)!.kill();
    processes.delete(name);
  }

  /** What each process says that it owns, in the order in which they were started: for example `0, 1 of 4`. */
  const owned = (): Promise<string[]> =>
    Promise.all(
      [...processes.values()].map(async (process) => {
        const { managementPort } = await process.ready;
        const response = await fetch(`http://127.0.0.1:${managementPort}/readyz?verbose`);
        const { checks } = (await response.json()) as { checks: Record<string, { detail: string }> };
        return checks['partitions']!.detail;
      }),
    );
  const countsOwned = async (): Promise<number[]> =>
    (await owned()).map((detail) => (detail.startsWith('none') ? 0 : detail.split(',').length));

  async function isThere(queue: string): Promise<boolean> {
    const own = await broker.createChannel();
    // The broker closes the channel on which it is asked for a queue that is not there.
    own.on('error', () => undefined);
    return own.checkQueue(queue).then(
      () => own.close().then(() => true),
      () => false,
    );
  }

  async function publishBeats(): Promise<void> {
    seq += 1;
    for (const id of READERS)
      await readers.publish(
        { exchange: 'signalbox.heartbeats', key: prefix + id },
        beat(id, { heartbeat_wait_interval: 1, boot_id: 'first', seq }),
        { type: 'reader.heartbeat' },
      );
  }

  /** The partitions that have readers, once each reader is live in exactly one of them and nothing is left to do. */
  const settled = (): Promise<number[]> =>
    eventually(async () => {
      const found = await rows<{ partition: number; reader_id: string; state: string }>(
        'SELECT * FROM reader_heartbeat.reader',
      );
      const live = found.filter(({ state }) => state === 'live').map(({ reader_id }) => reader_id);
      const notices = await rows('SELECT FROM reader_heartbeat.reader_move');
      const isSettled = notices.length === 0 && live.toSorted().join(' ') === READERS.toSorted().join(' ');
      return isSettled && [...new Set(found.map(({ partition }) => partition))].toSorted((a, b) => a - b);
    }, PATIENCE);

  /** Once these are the numbers of partitions that the processes own. */
  const evenly = (...counts: number[]): Promise<unknown> =>
    eventually(async () => (await countsOwned()).join(' ') === counts.join(' '), PATIENCE);

  const died = async (): Promise<unknown[]> => [
    ...(await rows("SELECT reader_id FROM reader_heartbeat.reader_transition WHERE why = 'missed_heartbeats'")),
    ...deaths,
  ];

  it('are one by default, owned by the first process, which deletes the queue of the release before and further shares', async () => {
    await channel.assertQueue(EARLIER_BEATS_QUEUE, { durable: true });
    const [share, ring] = [partitionExchange(1).name, exchanges.heartbeatRing];
    await channel.assertExchange(ring.name, ring.type, { durable: true });
    await channel.assertExchange(share, 'fanout', { durable: true });
    await channel.bindExchange(share, ring.name, '10');
    await start('a', 1);
    beating = setInterval(() => void publishBeats(), 1_000);
    expect(await settled()).toEqual([0]);
    expect(await owned()).toEqual(['0 of 1']);
    await eventually(async () => !(await system.broker.queues()).includes(EARLIER_BEATS_QUEUE));
  });

  it('become four when a process starts with that number, and are shared evenly', async () => {
    await start('b', 4);
    await evenly(2, 2);
    await eventually(async () => (await settled()).length === 4, PATIENCE);
    expect(await died()).toEqual([]);
  });

  it('are shared evenly again when a third process joins', async () => {
    await start('c', 4);
    await evenly(2, 1, 1);
    expect(await settled()).toEqual([0, 1, 2, 3]);
    expect(await died()).toEqual([]);
  });

  it('go to the others when a process is killed', async () => {
    await kill('a');
    await evenly(2, 2);
    expect(await settled()).toEqual([0, 1, 2, 3]);
    expect(await died()).toEqual([]);
  });

  it('get the readers whose senders move', async () => {
    const before = await rows(KNOWN);
    const places = 'SELECT reader_id, partition FROM reader_heartbeat.reader ORDER BY 1';
    const [from, at] = [await rows(places), seq];
    prefix = 'moved.';
    await eventually(() => seq > at + 1, PATIENCE);
    expect(await settled()).toEqual([0, 1, 2, 3]);
    expect(await rows(places)).not.toEqual(from);
    expect(await rows(KNOWN)).toEqual(before);
    expect(await died()).toEqual([]);
  });

  it('become two, and their readers are in those with all that is known of them', async () => {
    const before = await rows(KNOWN);
    await start('d', 2);
    await evenly(1, 1, 0);
    await eventually(async () => (await settled()).length === 2, PATIENCE);
    expect(await rows(KNOWN)).toEqual(before);
    const leases = 'SELECT partition FROM reader_heartbeat.partition_lease ORDER BY 1';
    await eventually(async () => (await rows(leases)).length === 2, PATIENCE);
    await eventually(() => left.length > 0, PATIENCE);
    expect(left.filter((size) => size > 0)).toEqual([]);
    expect(await died()).toEqual([]);
    await eventually(async () => !(await isThere(heldQueue(3).name)), PATIENCE);
    expect(await isThere(heldQueue(1).name)).toBe(true);
  });

  it('take what was held while a partition had no owner', async () => {
    await readers.publish(
      { exchange: heldExchange(1).name, key: 'held' },
      beat('held', { heartbeat_wait_interval: 3_600 }),
      { type: 'reader.heartbeat' },
    );
    const found = "SELECT partition FROM reader_heartbeat.reader WHERE reader_id = 'held'";
    await eventually(async () => (await rows(found)).length === 1, PATIENCE);
    expect(await rows(found)).toEqual([{ partition: 1 }]);
    expect(await died()).toEqual([]);
  });

  it('get heartbeats again after someone deleted what brings them', async () => {
    for (const partition of [0, 1]) await channel.deleteExchange(partitionExchange(partition).name);
    await eventually(async () => {
      await readers.send(beat('after-the-loss', { heartbeat_wait_interval: 3_600 }));
      return (await rows("SELECT FROM reader_heartbeat.reader WHERE reader_id = 'after-the-loss'")).length === 1;
    }, PATIENCE);
    expect(await died()).toEqual([]);
  });
});
