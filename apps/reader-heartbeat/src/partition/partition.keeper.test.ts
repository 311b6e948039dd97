import type { ShowReaderReply } from '@signalbox/contracts/messages';
import type { StreamDelta } from '@signalbox/contracts/streams';
import { createLogger, Health, LoopTurns } from '@signalbox/platform';
import { eventually, FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { beatOf } from '../../test/support/beat-of.js';
import { KnownPlaces } from '../limits/known-places.js';
import type { Reader } from '../liveness/reader.js';
import { ReaderTable } from '../liveness/reader-table.rules.js';
import { PartitionKeeper } from './partition.keeper.js';

const config = {
  SIGNALBOX_HEARTBEAT_CHECK_INTERVAL: 1,
  SIGNALBOX_MISSED_BEATS: 3,
  SIGNALBOX_READER_MESSAGE_TIMEOUT_MS: 500,
  SIGNALBOX_READER_RETENTION_SECONDS: 60,
  SIGNALBOX_READER_HISTORY_ENTRIES: 10,
  SIGNALBOX_READER_HISTORY_DAYS: 10,
  SIGNALBOX_MAX_READERS: 100,
  SIGNALBOX_MAX_READERS_PER_KEY: 100,
};

/** Stored readers of a partition, of which each page is given when the test says so. */
class Store {
  epoch = 0;
  readonly asked: number[] = [];
  failure: Error | undefined;
  private give: () => void = () => undefined;

  constructor(private readonly pages: readonly (readonly string[])[]) {}

  async takeEpoch(): Promise<number> {
    return (this.epoch += 1);
  }

  async *load(): AsyncGenerator<Reader[]> {
    const table = new ReaderTable({ ...livenessSettings }, 0);
    for (const [at, ids] of this.pages.entries()) {
      this.asked.push(at);
      await new Promise<void>((resolve) => (this.give = resolve));
      if (this.failure !== undefined) throw this.failure;
      for (const id of ids) table.record(beatOf(id, 1), { unix: 0, monotonic: 0 });
      yield ids.map((id) => table.get(id)!);
    }
  }

  async givePage(): Promise<void> {
    this.give();
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
  }

  async write(): Promise<void> {}
  async renew(): Promise<number> {
    return 0;
  }
}
const livenessSettings = {
  heartbeatCheckInterval: 1,
  missedBeats: 3,
  readerMessageTimeoutMs: 500,
  retentionMs: 60_000,
};

describe('a take-over', () => {
  let store: Store;
  let keeper: PartitionKeeper;
  let clock: FakeClock;
  let places: KnownPlaces;
  /** Types of what was published, and the queues that answer requests. */
  let published: string[];
  let deltas: StreamDelta[];
  /** Asks for a reader. */
  let show: (request: { body: { id: string } }) => Promise<ShowReaderReply>;

  beforeEach(() => {
    store = new Store([['a', 'b'], ['c'], ['d']]);
    clock = new FakeClock();
    published = [];
    deltas = [];
    const senders = { keys: [], onKeys: () => undefined, canPublishWithKeys: true };
    places = new KnownPlaces(senders as never, config as never);
    const subscription = { ready: Promise.resolve(), close: async () => undefined };
    const publish = async ({ type, body }: { type: string; body: unknown }) => {
      published.push(type);
      if (type.endsWith('delta')) deltas.push(body as StreamDelta);
    };
    const respond = ({ queue, handler }: { queue: string; handler: typeof show }) => {
      if (queue.startsWith('reader-heartbeat')) show = handler;
      return subscription;
    };
    const surroundings = {
      amqp: { publisher: { publish }, respond },
      canaries: { join: () => undefined, leave: () => undefined, probe: () => undefined },
      repository: store,
      transitions: {
        cutoff: async () => new Date(0),
        deleteUntil: async () => 0,
        deleteSurplus: async () => undefined,
        latest: async () => [],
      },
      moves: {},
      senders,
      places,
      config,
      clock,
      health: new Health(),
      logger: createLogger({ name: 'test', level: 'silent' }),
      shutdown: new AbortController().signal,
      turns: new LoopTurns(),
    };
    keeper = new PartitionKeeper(0, { count: 1, streams: 1, isDivided: false }, surroundings as never);
  });

  /** How many more readers there are places for. */
  const isFull = (more: number) => places.places.fullFor('other', 'no-key', 0, more) !== undefined;
  const begun = async () => {
    keeper.deliveriesBegan();
    await eventually(() => store.asked.length === 1);
  };

  it('puts the readers there page by page, and publishes nothing before all are there', async () => {
    await begun();
    for (const counted of [2, 3]) {
      await store.givePage();
      expect([isFull(100 - counted), isFull(101 - counted)]).toEqual([false, true]);
      expect([keeper.table, published]).toEqual([undefined, []]);
    }
    await store.givePage();
    expect(keeper.table?.count()).toMatchObject({ live: 4 });
    expect(published).toHaveLength(1);
  });

  it('lets heartbeats wait that arrive meanwhile, and applies them then', async () => {
    await begun();
    await store.givePage();
    const recorded = keeper.record([beatOf('c', 2), beatOf('new', 1)], 0, () => undefined);
    await store.givePage();
    expect(deltas).toEqual([]);
    await store.givePage();
    await recorded;
    expect(keeper.known('c')).toMatchObject({ seq: 2 });
    expect(deltas.map(({ changes }) => changes.map(({ key }) => key))).toEqual([['reader/new']]);
  });

  it('counts silence from its end', async () => {
    await begun();
    for (let page = 0; page < 3; page += 1) {
      clock.advance(2_000);
      await store.givePage();
    }
    await keeper.canaryReturned(6_000);
    clock.advance(3_400);
    await keeper.canaryReturned(9_400);
    expect(keeper.table?.count()).toMatchObject({ live: 4, dead: 0 });
  });

  it('publishes the number of partitions that is in force at its end', async () => {
    await begun();
    keeper.setPartitioning({ count: 3, streams: 3, isDivided: true });
    for (let page = 0; page < 3; page += 1) await store.givePage();
    expect(deltas).toMatchObject([{ changes: [{ key: 'settings', value: { partitions: 3 } }] }]);
  });

  it('says that silence does not count while it is not known what the other partitions receive', async () => {
    await begun();
    keeper.setPartitioning({ count: 2, streams: 2, isDivided: true });
    for (let page = 0; page < 3; page += 1) await store.givePage();
    await keeper.canaryReturned(0);
    const isCounted = async (): Promise<boolean> => (await show({ body: { id: 'a' } })).is_silence_counted;
    expect(await isCounted()).toBe(false);
    keeper.setOthers({ since: 0, through: 0 });
    expect(await isCounted()).toBe(true);
    keeper.setPartitioning({ count: 1, streams: 1, isDivided: false });
    // The answer to a question of before.
    keeper.setOthers({ since: 0, through: -10_000 });
    expect(await isCounted()).toBe(true);
    keeper.setPartitioning({ count: 2, streams: 2, isDivided: true });
    expect(await isCounted()).toBe(false);
  });

  it.each(['deliveriesEnded', 'close'] as const)('stops loading when the partition is lost: %s', async (lost) => {
    await begun();
    await store.givePage();
    void keeper[lost]();
    await store.givePage();
    await eventually(() => !isFull(100));
    expect([store.asked, keeper.table, published]).toEqual([[0, 1], undefined, []]);
  });

  it('begins again with another epoch after a failure, and counts no reader twice', async () => {
    await begun();
    await store.givePage();
    store.failure = new Error('the database is down');
    await store.givePage();
    store.failure = undefined;
    await eventually(() => !isFull(100));
    clock.advance(1_000);
    await eventually(() => store.asked.length === 3);
    for (let page = 0; page < 3; page += 1) await store.givePage();
    expect([store.epoch, keeper.table?.count().live, isFull(96), isFull(97)]).toEqual([2, 4, false, true]);
  });
});

/** A database whose answer to each epoch that is taken is given by the test. */
class Epochs {
  readonly asked: { fail: () => void }[] = [];

  takeEpoch(): Promise<number> {
    return new Promise((_, reject) => this.asked.push({ fail: () => reject(new Error('unavailable')) }));
  }
}

describe('attempts at a take-over', () => {
  let epochs: Epochs;
  let clock: FakeClock;
  let keeper: PartitionKeeper;
  /** Levels of log lines. */
  let logged: string[];

  beforeEach(() => {
    epochs = new Epochs();
    clock = new FakeClock();
    logged = [];
    const nothing = (): void => undefined;
    const logger = { warn: () => logged.push('warn'), debug: () => logged.push('debug') };
    keeper = new PartitionKeeper(0, { count: 2, streams: 2, isDivided: true }, {
      repository: epochs,
      canaries: { join: nothing, leave: nothing },
      clock,
      logger,
      shutdown: new AbortController().signal,
      turns: new LoopTurns(),
    } as never);
  });

  const passed = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('takes no epoch while an earlier one may still be taken', async () => {
    keeper.deliveriesBegan();
    await passed();
    keeper.deliveriesEnded();
    keeper.deliveriesBegan();
    await passed();
    expect(epochs.asked).toHaveLength(1);
    epochs.asked[0]!.fail();
    await passed();
    expect(epochs.asked).toHaveLength(2);
  });

  it('is over before the partition is given back', async () => {
    let isClosed = false;
    keeper.deliveriesBegan();
    await passed();
    void keeper.close().then(() => (isClosed = true));
    await passed();
    expect(isClosed).toBe(false);
    epochs.asked[0]!.fail();
    await passed();
    expect([isClosed, logged]).toEqual([true, []]);
  });

  it('is tried again, with one warning', async () => {
    keeper.deliveriesBegan();
    for (let each = 0; each < 3; each += 1) {
      await passed();
      epochs.asked[each]!.fail();
      await passed();
      clock.advance(1_000);
    }
    expect(logged).toEqual(['warn', 'debug', 'debug']);
  });
});
