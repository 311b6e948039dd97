// @ts-check
import { setTimeout as wait } from 'node:timers/promises';
import { partitionExchange } from '@signalbox/contracts/messages';

/**
 * @typedef {import('./world.mjs').World} World
 * @typedef {{ round: number, cutMs: number, watch: import('./watch.mjs').Watch }} Round
 * @typedef {{ name: string, about: string, inject: (world: World, round: Round) => Promise<void> }} Fault
 */

const ALARM_MS = 3_000;
const SLOW_QUERY_MS = 5_000;
const SLOW_MS = 12_000;
/** Three missed beacons and their permitted delay. Then a gateway reports that an owner is unavailable. */
const OWNER_UNAVAILABLE_MS = 8_000;

/** @type {Fault[]} */
export const faults = [
  {
    name: 'publisher killed',
    about: 'kill -9 of the process that sends heartbeats, requests and commands',
    inject: async ({ load }) => load?.kill(),
  },
  {
    name: 'consumer killed',
    about: 'kill -9, in turn, of a process that handles commands and of reader-heartbeat',
    inject: async (world, { round }) => {
      const owner = await world.ownerOf('registry', world.ledgers);
      const consumer = round % 2 === 0 ? world.ledgers.find((ledger) => ledger !== owner) : world.readerHeartbeats[0];
      consumer?.kill();
    },
  },
  {
    name: 'relay killed',
    about: "kill -9, in turn, of the process that holds the relay of the ledger and of the gateways' own stream",
    inject: async (world, { round }) => {
      const owner =
        round % 2 === 0
          ? await world.ownerOf('registry', world.ledgers)
          : await world.ownerOf('gateway', world.gateways);
      owner?.kill();
    },
  },
  {
    name: 'gateway killed',
    about: 'kill -9 of each gateway in turn',
    inject: async ({ gateways }, { round }) => gateways[round % gateways.length]?.kill(),
  },
  { name: 'broker restarted', about: 'RabbitMQ stopped and started', inject: ({ broker }) => broker.restart() },
  {
    name: 'broker killed',
    about: 'kill -9 of RabbitMQ, then started',
    inject: async ({ broker }) => {
      await broker.kill();
      await broker.start();
    },
  },
  {
    name: 'broker cut off',
    about: 'no packet passes between RabbitMQ and any client, without a reset, for 20 s',
    inject: cutOff,
  },
  {
    name: 'queue deleted',
    about: 'a queue of requests deleted under its consumers, and the exchange of a partition of readers, in turn',
    inject: ({ broker }, { round }) =>
      round % 2 === 0 ? broker.deleteQueue('ledger.calls') : broker.deleteExchange(partitionExchange(0).name),
  },
  {
    name: 'memory alarm',
    about: 'RabbitMQ blocks publishers for 3 s',
    inject: async ({ broker }) => {
      await broker.raiseMemoryAlarm();
      await wait(ALARM_MS);
      await broker.clearMemoryAlarm();
    },
  },
  { name: 'Postgres restarted', about: 'stopped and started', inject: ({ database }) => database.restart() },
  {
    name: 'Postgres killed',
    about: 'kill -9, then started',
    inject: async ({ database }) => {
      await database.kill();
      await database.start();
    },
  },
  {
    name: 'Postgres slow',
    about: 'each query waits 5 s, for 12 s',
    inject: async ({ database }) => {
      database.proxy.delayMs = SLOW_QUERY_MS;
      await wait(SLOW_MS);
      database.proxy.delayMs = 0;
    },
  },
];

/**
 * Besides the checks of every fault: while nothing arrives, no heartbeat looks current, and the gateways report the
 * unavailable owner.
 * @param {World} world
 * @param {Round} round
 */
async function cutOff(world, { cutMs, watch }) {
  const { proxy } = world.broker;
  proxy.cut();
  try {
    // By then the gateways show the heartbeats that were under way.
    await wait(2_000);
    const before = [...watch.newest];
    await wait(cutMs - 2_000);
    for (const [index, gateway] of world.gateways.entries()) {
      if ((watch.newest[index] ?? 0) > (before[index] ?? 0))
        world.reportUnexpected(`${gateway.name} shows a heartbeat that it cannot have received`);
      if (cutMs < OWNER_UNAVAILABLE_MS) continue;
      const owner = (await world.health(gateway))?.checks['owner of readers.0'];
      if (owner?.status !== 'down')
        world.reportUnexpected(`${gateway.name} does not report that reader-heartbeat is unavailable`);
    }
  } finally {
    proxy.restore();
  }
}
