// @ts-check
// The readers, as a process beside what is tested. Some hosts publish all of theirs in one message, the others each in its own.
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Host } from './host.mjs';

const TICK_MS = 50;
const INTERVAL_MS = 1_000;
const DAY_MS = 86_400_000;
/** A copy that is delayed arrives at most this much later. */
const REORDER_MS = 900;
const READERS_OF_HOST = 100;
const READERS_OF_CONNECTION = 10;
const BURST_INTERVAL_S = 60;
const BURST_HOSTS = 20;

const { RABBITMQ_URL: url = '', READERS: count = '0' } = process.env;

/**
 * @typedef {object} Sender
 * @property {string} id
 * @property {Host} host
 * @property {boolean} isBatched
 * @property {string} bootId
 * @property {number} seq
 * @property {boolean} isSilent
 * @property {number} clockMs by which its clock is wrong
 * @property {number} sentAt Unix ms of its last heartbeat
 * @property {number} interval s
 */

/** @type {Map<string, Sender>} */
const readers = new Map();
/** @type {Host[]} */
const hosts = [];
let isShuffled = false;
let burst = /** @type {Sender[]} */ ([]);

/** @param {string} id @param {Host} host @param {boolean} isBatched @returns {Sender} */
function reader(id, host, isBatched, interval = INTERVAL_MS / 1_000) {
  return { id, host, isBatched, interval, bootId: randomUUID(), seq: 0, isSilent: false, clockMs: 0, sentAt: 0 };
}

/** @param {Sender} sender @param {object} [over] */
function heartbeat(sender, over) {
  sender.seq += 1;
  return {
    reader_id: sender.id,
    boot_id: sender.bootId,
    seq: sender.seq,
    state: 'ready',
    consumer_name: sender.id,
    consumer_groups: ['primary'],
    model_name: 'm',
    model_type: 'chat',
    device: 'cuda',
    pids: [1],
    heartbeat_wait_interval: sender.interval,
    sent_at: Date.now() + sender.clockMs,
    ...over,
  };
}

/** @param {Host} host @param {string} key @param {object} body */
function publish(host, key, body) {
  if (!isShuffled) return host.publish({ key, body });
  for (let copy = 0; copy < 2; copy++) setTimeout(() => host.publish({ key, body }), Math.random() * REORDER_MS);
  return true;
}

/** @param {Sender} sender */
function beat(sender) {
  if (publish(sender.host, sender.id, heartbeat(sender))) sender.sentAt = Date.now();
}

/** All readers of a host in one message. @param {Host} host @param {Sender[]} all */
function beatTogether(host, all) {
  const sending = all.filter(({ isSilent }) => !isSilent);
  if (sending.length === 0) return;
  const body = sending.map((sender) => heartbeat(sender));
  if (publish(host, host.name, body)) for (const sender of sending) sender.sentAt = Date.now();
}

/** What is late by more than this was not published in time: this machine is too slow for the test. */
const SLOW_MS = 1_000;

/** The readers are spread over the second. What was missed in a pause is not sent later. */
function keepBeating() {
  const slots = INTERVAL_MS / TICK_MS;
  let at = performance.now();
  let slot = 0;
  setInterval(() => {
    const late = performance.now() - at;
    if (late > SLOW_MS) process.send?.({ type: 'slow', ms: Math.round(late) });
    const due = Math.min(Math.floor(late / TICK_MS) + 1, slots);
    at = Math.max(at + due * TICK_MS, performance.now() - INTERVAL_MS);
    for (let step = 0; step < due; step++, slot = (slot + 1) % slots) beatSlot(slot, slots);
  }, TICK_MS);
}

/** @param {number} slot @param {number} slots */
function beatSlot(slot, slots) {
  const all = [...readers.values()];
  for (const [index, host] of hosts.entries())
    if (index % slots === slot)
      beatTogether(
        host,
        all.filter((each) => each.isBatched && each.host === host),
      );
  for (const [index, sender] of all.entries())
    if (!sender.isBatched && !sender.isSilent && index % slots === slot) beat(sender);
}

/** @param {string[]} ids */
const named = (ids) => ids.flatMap((id) => readers.get(id) ?? []);

/** @param {Sender} sender another incarnation of it, which has not published yet */
function nextIncarnation(sender) {
  sender.bootId = randomUUID();
  sender.seq = 0;
}

/** What the orders of the program of the test do. @type {Record<string, (ids: string[]) => unknown>} */
const orders = {
  /** They end without a word. */
  silence: (ids) => {
    for (const sender of named(ids)) sender.isSilent = true;
    return Object.fromEntries(named(ids).map(({ id, sentAt }) => [id, sentAt]));
  },
  start: (ids) => {
    for (const sender of named(ids)) {
      if (sender.isSilent) nextIncarnation(sender);
      sender.isSilent = false;
    }
  },
  /** Half of the clocks are a day ahead, half a day behind. */
  wrongClocks: () => {
    for (const [index, sender] of [...readers.values()].entries()) sender.clockMs = index % 2 === 0 ? DAY_MS : -DAY_MS;
  },
  rightClocks: () => {
    for (const sender of readers.values()) sender.clockMs = 0;
  },
  shuffle: () => (isShuffled = true),
  keepOrder: () => (isShuffled = false),
  /** They go on at another host, as another incarnation; what their old one had still to send comes later. */
  move: (ids) => {
    for (const sender of named(ids)) {
      const old = { ...sender };
      sender.host =
        hosts[(hosts.indexOf(sender.host) + 1 + Math.floor(Math.random() * (hosts.length - 1))) % hosts.length] ??
        sender.host;
      nextIncarnation(sender);
      beat(sender);
      for (const ms of [50, 500, 1_500]) setTimeout(() => publish(old.host, old.host.name, [heartbeat(old)]), ms);
    }
  },
  /** The successor starts, then the old process deregisters. */
  succeed: (ids) => {
    for (const sender of named(ids)) {
      const old = { ...sender };
      nextIncarnation(sender);
      beat(sender);
      const leave = () => publish(old.host, old.id, heartbeat(old, { state: 'stopping' }));
      setTimeout(leave, 200 + Math.random() * 1_000);
      setTimeout(() => publish(old.host, old.id, heartbeat(old)), 1_500);
    }
  },
  /** The first heartbeats of as many new readers within a second. */
  burst: async ([amount = '0']) => {
    const many = hosts.slice(0, BURST_HOSTS);
    burst = Array.from({ length: Number(amount) }, (_, index) =>
      reader(`burst-${index}`, /** @type {Host} */ (many[index % many.length]), false, BURST_INTERVAL_S),
    );
    for (let part = 0; part < 20; part++, await wait(TICK_MS))
      for (const [index, sender] of burst.entries()) if (index % 20 === part) beat(sender);
    return burst.length;
  },
  endBurst: () => {
    for (const sender of burst) publish(sender.host, sender.id, heartbeat(sender, { state: 'stopping' }));
    burst = [];
  },
};

/** @param {{ order: string, ids: string[], number: number }} message */
async function execute({ order, ids, number }) {
  const result = await orders[order]?.(ids);
  process.send?.({ type: 'done', number, result });
}

process.on(
  'message',
  (/** @type {{ order: string, ids: string[], number: number }} */ message) => void execute(message),
);
process.on('disconnect', () => process.exit(1));
process.on('SIGTERM', () => process.exit(0));

const half = Number(count) / 2;
for (let index = 0; index < half; index += READERS_OF_HOST) hosts.push(new Host({ url, name: `host-${hosts.length}` }));
const batching = hosts.length;
for (let index = 0; index < half; index += READERS_OF_CONNECTION)
  hosts.push(new Host({ url, name: `host-${hosts.length}` }));
for (let index = 0; index < Number(count); index++) {
  const isBatched = index < half;
  const at = isBatched ? index % batching : batching + (index % (hosts.length - batching));
  readers.set(`reader-${index}`, reader(`reader-${index}`, /** @type {Host} */ (hosts[at]), isBatched));
}
await Promise.all(hosts.map((host) => host.open()));
keepBeating();
process.send?.({ type: 'ready' });
