// @ts-check
import { setTimeout as wait } from 'node:timers/promises';
import { readerFaults } from './faults.mjs';
import { ReaderWatch } from './watch.mjs';
import { ReaderWorld } from './world.mjs';

/** Of readers with an interval of 1 s. */
const leaseOf = (/** @type {number} */ missedBeats) => missedBeats * 1_000 + 500;
/** A death shows this much later: the canary that finds it, the delta, and the next answer of the gateway. Half a second would do on a machine that is not busy. */
const SHOWN_MS = 2_500;
/** Heartbeats that arrive within 100 ms have one receive time. */
const EARLY_MS = 150;
/** After a pause that is too short to be a hold, canaries count again when as much time has passed. */
const SHORT_PAUSE_MS = 2_500;
/** Readers that end during each round without a word, and readers that something happens to. */
const SILENT = 20;
const SOME = 100;
const RECOVERY_MS = 90_000;
/** What is shown is stored a moment later. A process that is killed before shows a reader as it was, until its next heartbeat. */
const STORED_MS = 1_500;

/** @typedef {{ rounds: number, readers: number, pauseMs: number, missedBeats: number, newReaders: number, only: string[] | undefined, print: (line: string) => void }} Options */
/** @typedef {{ fault: string, times: number, falseDeaths: number, deaths: number, lateDeaths: number, inTwoMaps: number, lost: number, unexpected: number, detections: number[], recoveries: number[] }} Counts */

/** Makes each fault while readers publish. @param {Options} options @returns {Promise<number>} the exit code */
export async function runReaderFaults({ rounds, readers, pauseMs, missedBeats, newReaders, only, print }) {
  const chosen = readerFaults.filter(({ name }) => only === undefined || only.some((start) => name.startsWith(start)));
  print(
    `starting RabbitMQ, Postgres, a gateway, two processes of reader-heartbeat and ${readers.toLocaleString('en')} readers`,
  );
  const world = await ReaderWorld.start({ readers, missedBeats });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
    process.once(signal, () => void world.stop().then(() => process.exit(130)));
  const watch = new ReaderWatch(world);
  const areLive = () => Object.keys(watch.status?.live_readers ?? {}).length >= readers;
  if (!(await world.until(areLive, RECOVERY_MS))) throw new Error(`Not all readers are live. Logs: ${world.folder}`);

  /** @type {Counts[]} */
  const table = [];
  const problems = /** @type {string[]} */ ([]);
  for (const fault of chosen) {
    const counts = {
      fault: fault.name,
      times: 0,
      falseDeaths: 0,
      deaths: 0,
      lateDeaths: 0,
      inTwoMaps: 0,
      lost: 0,
      unexpected: 0,
      detections: [],
      recoveries: [],
    };
    table.push(counts);
    for (let round = 0; round < rounds; round++) {
      const found = await oneRound({
        world,
        watch,
        fault,
        counts,
        number: round,
        options: { pauseMs, newReaders, leaseMs: leaseOf(missedBeats) },
      });
      print(
        `${fault.name} ${round + 1}/${rounds}: ${found.length === 0 ? 'as it should be' : `${found.length} findings, the first: ${found[0]}`}`,
      );
      problems.push(...found.map((each) => `${fault.name}: ${each}`));
    }
  }
  await watch.stop();
  await world.stop();

  print('');
  for (const line of tableOf(table)) print(line);
  print(
    `\nGET /status was answered ${watch.answers.toLocaleString('en')} times; ${watch.deltas.toLocaleString('en')} deltas were received.`,
  );
  for (const problem of problems.slice(0, 50)) print(problem);
  if (problems.length > 50) print(`and ${problems.length - 50} more`);
  if (problems.length > 0) print(`Logs: ${world.folder}`);
  else world.removeFolder();
  return problems.length > 0 ? 1 : 0;
}

/**
 * @param {{ world: ReaderWorld, watch: ReaderWatch, fault: import('./faults.mjs').Fault, counts: Counts, number: number, options: { pauseMs: number, newReaders: number, leaseMs: number } }} round
 * @returns {Promise<string[]>} what is not as it should be
 */
async function oneRound({ world, watch, fault, counts, number, options }) {
  const { leaseMs } = options;
  const silent = pick(world.ids, SILENT, number);
  const steady = world.ids.filter((id) => !silent.includes(id));
  world.unexpected = [];
  watch.begin();
  const beganAt = Date.now();
  /** @type {Record<string, number>} */
  const sentAt = await world.order('silence', silent);
  await fault.inject(world, { ...options, downMs: 10_000, some: pick(steady, SOME, number), round: number });

  // All others are shown with heartbeats that were sent after the fault, and the silent ones as dead.
  const endedAt = Date.now();
  const isOver = () =>
    steady.every((id) => (watch.status?.last_heartbeat[id]?.heartbeat_timestamp ?? 0) * 1_000 > endedAt + 1_000) &&
    steady.every((id) => id in watch.status.live_readers) &&
    silent.every((id) => id in watch.status.dead_readers);
  const isRecovered = await world.until(isOver, RECOVERY_MS);
  // A late false death shows within a lease.
  await wait(leaseMs + 1_000);

  const stored = await world.storedDeaths(beganAt);
  const falseDeaths = new Set(stored.map(({ readerId }) => readerId).filter((id) => steady.includes(id)));
  for (const id of watch.dead.keys()) if (steady.includes(id)) falseDeaths.add(id);
  for (const id of silent)
    if ((watch.dead.get(id)?.at ?? Infinity) < (sentAt[id] ?? 0) + leaseMs - EARLY_MS) falseDeaths.add(id);
  const began = world.leasesBegan();
  const slack = SHOWN_MS + (options.pauseMs <= SHORT_PAUSE_MS ? 2 * options.pauseMs : 0);
  const late = silent.filter((id) => {
    const shownAt = watch.dead.get(id)?.at;
    if (shownAt === undefined) return true;
    const countsFrom = Math.max(sentAt[id] ?? 0, ...began.filter((at) => at <= shownAt));
    counts.detections.push(shownAt - countsFrom - leaseMs);
    return shownAt > countsFrom + leaseMs + slack;
  });
  const lost = new Set([
    ...watch.missing,
    ...(isRecovered ? [] : steady.filter((id) => !(id in watch.status.live_readers))),
  ]);
  const { unexpected } = world;
  counts.times += 1;
  counts.recoveries.push(Date.now() - endedAt - leaseMs - 1_000);
  counts.deaths += silent.length - silent.filter((id) => !watch.dead.has(id)).length;
  counts.falseDeaths += falseDeaths.size;
  counts.lateDeaths += late.length;
  counts.inTwoMaps += watch.inTwoMaps.size;
  counts.lost += lost.size;
  counts.unexpected += unexpected.length;
  const found = [
    ...[...falseDeaths].map(
      (id) => `${id} was declared dead and was not (${watch.dead.get(id)?.where ?? 'in its history'})`,
    ),
    ...late.map((id) => `${id} was shown dead late: ${describe(watch.dead.get(id)?.at, sentAt[id])}`),
    ...[...watch.inTwoMaps].map((id) => `${id} was in two maps`),
    ...[...lost].map((id) => `${id} was not shown`),
    ...unexpected,
    ...(isRecovered
      ? []
      : [`not within ${RECOVERY_MS / 1_000} s: all steady readers are live and the silent ones dead`]),
  ];
  await world.order('start', silent);
  await world.until(() => Object.keys(watch.status.live_readers).length >= world.ids.length, RECOVERY_MS);
  await wait(STORED_MS);
  return found;
}

/** @param {number | undefined} shownAt @param {number | undefined} sentAt */
const describe = (shownAt, sentAt) =>
  shownAt === undefined ? 'not at all' : `${((shownAt - (sentAt ?? 0)) / 1_000).toFixed(1)} s after its last heartbeat`;

/** Some of them, others in each round. @param {string[]} ids @param {number} count @param {number} round */
function pick(ids, count, round) {
  const step = Math.max(1, Math.floor(ids.length / count));
  return ids.filter((_, index) => index % step === round % step).slice(0, count);
}

/** @param {Counts[]} rows */
function* tableOf(rows) {
  yield '| fault | times | false deaths | deaths | late | in two maps | lost | unexpected | shown dead after what was due, median / latest | recovered after, median / longest |';
  yield '|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|';
  for (const {
    fault,
    times,
    falseDeaths,
    deaths,
    lateDeaths,
    inTwoMaps,
    lost,
    unexpected,
    detections,
    recoveries,
  } of rows)
    yield `| ${fault} | ${times} | ${falseDeaths} | ${deaths} | ${lateDeaths} | ${inTwoMaps} | ${lost} | ${unexpected} | ${spread(detections)} | ${spread(recoveries)} |`;
}

/** @param {number[]} times ms */
function spread(times) {
  const sorted = times.toSorted((a, b) => a - b);
  const seconds = (/** @type {number | undefined} */ ms) => `${((ms ?? 0) / 1_000).toFixed(1)} s`;
  return `${seconds(sorted[Math.floor(sorted.length / 2)])} / ${seconds(sorted.at(-1))}`;
}
