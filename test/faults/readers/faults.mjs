// @ts-check
import { setTimeout as wait } from 'node:timers/promises';

/**
 * @typedef {import('./world.mjs').ReaderWorld} World
 * @typedef {{ pauseMs: number, downMs: number, newReaders: number, some: string[], round: number }} Round `some`: readers that something happens to
 * @typedef {{ name: string, about: string, inject: (world: World, round: Round) => Promise<void> }} Fault
 */

const PARTITIONS = [4, 1, 3];

/** For faults of senders. Longer than a lease. */
const SENDERS_MS = 8_000;

/** @type {Fault[]} */
export const readerFaults = [
  {
    name: 'reader-heartbeat killed',
    about: 'kill -9 of both of its processes',
    inject: async ({ readerHeartbeats }) => {
      for (const child of readerHeartbeats) child.kill();
    },
  },
  {
    name: 'active replica killed',
    about: 'kill -9 of the process that owns the readers; the other one takes over',
    inject: async (world) => {
      for (const child of await world.owners()) child.kill();
    },
  },
  {
    name: 'broker killed',
    about: 'kill -9 of RabbitMQ, then started',
    inject: async ({ broker }) => {
      await broker.kill();
      await broker.start();
    },
  },
  {
    name: 'reader-heartbeat paused',
    about: 'SIGSTOP and SIGCONT of both of its processes',
    inject: async ({ readerHeartbeats }, { pauseMs }) => paused(readerHeartbeats, pauseMs),
  },
  {
    name: 'active replica paused',
    about: 'SIGSTOP and SIGCONT of the process that owns the readers',
    inject: async (world, { pauseMs }) => paused(await world.owners(), pauseMs),
  },
  {
    name: 'broker paused',
    about: 'SIGSTOP and SIGCONT of RabbitMQ',
    inject: async ({ broker }, { pauseMs }) => {
      await broker.pause();
      await wait(pauseMs);
      broker.resume();
    },
  },
  {
    name: 'Postgres stopped',
    about: 'stopped, and started after 10 s',
    inject: async ({ database }, { downMs }) => {
      await database.stop();
      await wait(downMs);
      await database.start();
    },
  },
  {
    name: 'wrong clocks',
    about: 'the clocks of half of the senders are a day ahead, of the others a day behind',
    inject: async (world) => during(world, 'wrongClocks', 'rightClocks'),
  },
  {
    name: 'repeated, reordered',
    about: 'each message is sent twice, each copy up to 0.9 s late',
    inject: async (world) => during(world, 'shuffle', 'keepOrder'),
  },
  {
    name: 'many new readers',
    about: '10,000 readers connect within a second',
    inject: async (world, { newReaders }) => {
      await world.order('burst', [String(newReaders)]);
      const all = world.ids.length + newReaders;
      const isShown = async () => countOf(await world.status()) >= all;
      if (!(await world.until(isShown, 30_000)))
        world.unexpected.push(`only ${countOf(await world.status())} of ${all} readers were shown after 30 s`);
      await world.order('endBurst');
    },
  },
  {
    name: 'readers moved',
    about: 'readers go on at another sender, whose predecessor still has heartbeats under way',
    inject: async (world, { some }) => {
      await world.order('move', some);
      await wait(SENDERS_MS);
    },
  },
  {
    name: 'late deregistrations',
    about: 'the old process of a reader deregisters after its successor has started',
    inject: async (world, { some }) => {
      await world.order('succeed', some);
      await wait(SENDERS_MS);
    },
  },
  {
    name: 'partitions changed',
    about: 'kill -9 of one process of reader-heartbeat after the other, which start with another number of partitions',
    inject: async (world, { round }) => {
      const HEARTBEAT_PARTITIONS = String(PARTITIONS[round % PARTITIONS.length]);
      for (const child of world.readerHeartbeats) {
        child.env = { ...child.env, HEARTBEAT_PARTITIONS };
        child.kill();
        await world.until(() => child.ready !== undefined, 60_000);
      }
    },
  },
];

/** @param {import('../processes/child.mjs').Child[]} children @param {number} ms */
async function paused(children, ms) {
  for (const child of children) child.pause();
  await wait(ms);
  for (const child of children) child.resume();
}

/** @param {World} world @param {string} begin @param {string} end orders for the senders */
async function during(world, begin, end) {
  await world.order(begin);
  await wait(SENDERS_MS);
  await world.order(end);
}

/** @param {any} status */
function countOf(status) {
  return status
    ? ['live_readers', 'loading_readers', 'dead_readers'].reduce((sum, map) => sum + Object.keys(status[map]).length, 0)
    : 0;
}
