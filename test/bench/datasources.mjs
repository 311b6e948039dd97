// @ts-check
import { createLogger, systemClock } from '@signalbox/platform';
import { LogicalReplicationService, PgoutputPlugin } from 'pg-logical-replication';
import { compare, report } from './measure.mjs';
import { PUBLICATION, startSource, writeChanges } from './wal-source.mjs';

const { followPostgres } = await import(
  new URL('../../apps/datasource-sync/dist/postgres/index.js', import.meta.url).href
);

/** @typedef {import('./wal-source.mjs').Source} Source */

const CHANGES = 200_000;
/** Copies of a slot: each is read once. A round of each contender, the first one to warm up. */
const COPIES = 8;

/** Reading the same WAL: the bare library, the library with JSON made of its rows, and the follower up to its publisher. */
export async function* datasources() {
  const source = await startSource();
  try {
    yield* benchmark(source);
  } finally {
    await source.close();
  }
}

/** @param {Source} source */
async function* benchmark(source) {
  const { database } = source;
  const position = await positionOfFollower(source);
  for (const name of ['bare', 'json', 'ours'])
    for (let copy = 0; copy < COPIES; copy++)
      await database.query('SELECT pg_copy_logical_replication_slot($1, $2)', ['template', `${name}_${copy}`]);
  await writeChanges(database, CHANGES);
  /** @type {Record<string, number>} */
  const used = { bare: 0, json: 0, ours: 0 };
  const next = (/** @type {string} */ name) => {
    const copy = used[name] ?? 0;
    used[name] = copy + 1;
    return `${name}_${copy}`;
  };
  const results = await compare(
    [
      { name: 'pg-logical-replication, rows counted', run: (count) => bare(source, next('bare'), count) },
      {
        name: 'the same, and JSON.stringify of each row',
        run: (count) => bare(source, next('json'), count, JSON.stringify),
      },
      {
        name: 'followPostgres, batches confirmed at once',
        run: (count) => ours(source, next('ours'), count, position),
      },
    ],
    CHANGES,
  );
  yield* report(`reading ${CHANGES.toLocaleString('en')} changes of a table with eight columns from its WAL`, results);
  yield `  memory of the process: ${Math.round(process.memoryUsage().rss / 1_048_576)} MiB`;
}

/** Lets a follower make a slot and a position that the others are copied from. @param {Source} source */
async function positionOfFollower(source) {
  /** @type {any} */
  let position = null;
  let isStreaming = false;
  const follower = followPostgres(assignment(source, 'template', null), {
    ...quiet,
    publish: async (/** @type {any} */ batch) => void (position = batch.position ?? position),
    report: (/** @type {any} */ { sync }) => void (isStreaming = sync.state === 'streaming'),
  });
  while (!isStreaming) await new Promise((resolve) => setTimeout(resolve, 20));
  await follower.stop();
  return position;
}

/** @param {Source} source @param {string} slot @param {number} count @param {(message: any) => unknown} [use] */
async function bare({ url }, slot, count, use) {
  const service = new LogicalReplicationService(
    { connectionString: url },
    { acknowledge: { auto: false, timeoutSeconds: 0 } },
  );
  const plugin = new PgoutputPlugin({ protoVersion: 1, publicationNames: [PUBLICATION] });
  let seen = 0;
  /** @type {Promise<void>} */
  const done = new Promise((resolve) => {
    service.on('data', (_lsn, message) => {
      if (message.tag !== 'insert' && message.tag !== 'update') return;
      use?.(message.new);
      if (++seen === count) resolve();
    });
  });
  const subscribed = service.subscribe(plugin, slot).catch(() => undefined);
  await done;
  await service.destroy();
  await subscribed;
}

/** @param {Source} source @param {string} slot @param {number} count @param {any} position */
async function ours(source, slot, count, position) {
  let seen = 0;
  /** @type {() => void} */
  let finish = () => undefined;
  /** @type {Promise<void>} */
  const done = new Promise((resolve) => (finish = resolve));
  const follower = followPostgres(assignment(source, slot, { ...position, slot }), {
    ...quiet,
    publish: async (/** @type {any} */ { changes }) => {
      seen += changes.length;
      if (seen >= count) finish();
    },
  });
  await done;
  await follower.stop();
}

const quiet = {
  clock: systemClock,
  logger: createLogger({ name: 'bench', level: 'silent' }),
  report: () => undefined,
  attempt: () => undefined,
  released: () => undefined,
};

/** @param {Source} source @param {string} slot @param {any} position */
const assignment = ({ port, user, password }, slot, position) => ({
  id: 'ds_test_bench',
  fence: 1,
  version: 1,
  livemode: false,
  targets: { allowLoopback: true, allowPrivate: false },
  task: 'follow',
  position,
  generation: 1,
  connection: 'direct',
  walLimitBytes: 2 ** 40,
  source: {
    host: '127.0.0.1',
    port,
    database: 'postgres',
    schema: 'public',
    user,
    password,
    tls: 'disable',
    publication: PUBLICATION,
    slot,
  },
});
