// @ts-check
// `npm run faults`: makes one fault after the other, many times, on real services under load. Compares what was acknowledged
// with what was done. Exits with 1 if anything was lost, done twice or unexpected.
import { setTimeout as wait } from 'node:timers/promises';
import { FaultyBroker } from '@signalbox/testing';
// @boundaries-ignore Every script of package.json reads its options in the same way.
import { readOptions, refuseUsage } from '../../scripts/lib/base/options.mjs';
import { ClusterBroker } from './cluster/cluster-broker.mjs';
import { Gaps } from './cluster/gaps.mjs';
import { nodeFaults } from './cluster/node-faults.mjs';
import { faults } from './faults.mjs';
import { countOutcomes } from './outcome-counts.mjs';
import { readerFaults } from './readers/faults.mjs';
import { runReaderFaults } from './readers/run.mjs';
import { soak } from './soak.mjs';
import { table } from './table.mjs';
import { Watch } from './watch.mjs';
import { World } from './world.mjs';

const HELP = `npm run faults [-- options]

  --rounds <n>       how often each fault is made (default 20, with --cluster 10)
  --only <a,b>       only the faults whose names begin like this
  --short            each fault once under a smaller load, the broker cut off for 9 s, no message that always fails;
                     npm test runs this
  --readers          faults around 1,000 readers that publish every second: counts those that were declared dead and were not, or too late
  --pause <s>        with --readers: for how long a process or the broker is paused (default 30)
  --missed-beats <n> with --readers: after how many a reader is dead (default 3)
  --cluster          on a RabbitMQ of three nodes, each of which is killed; two reader-heartbeat, 2,000 readers with
                     a heartbeat a second in messages of 100
  --soak <minutes>   no fault: the load alone for that long; prints how memory and handles grow
  --list             prints the faults
`;

const LOAD = { readers: 500, heartbeatsPerSecond: 2_000, writesPerSecond: 20, poison: true };
const CLUSTER_LOAD = { ...LOAD, readers: 2_000, intervalSeconds: 1, perMessage: 100 };
/** For a machine that is busy with other tests. A message that always fails is dead-lettered after 71 s, so it sends none. */
const SHORT_LOAD = { readers: 100, heartbeatsPerSecond: 100, writesPerSecond: 5, poison: false };

const { values } = readOptions(HELP, {
  options: {
    rounds: { type: 'string' },
    only: { type: 'string' },
    short: { type: 'boolean' },
    readers: { type: 'boolean' },
    pause: { type: 'string' },
    'missed-beats': { type: 'string' },
    cluster: { type: 'boolean' },
    soak: { type: 'string' },
    list: { type: 'boolean' },
  },
});
const print = (/** @type {string} */ line) => void process.stdout.write(`${line}\n`);
const all = values.readers ? readerFaults : values.cluster ? nodeFaults : faults;
if (values.list) {
  print(all.map(({ name, about }) => `${name.padEnd(20)} ${about}`).join('\n'));
  process.exit(0);
}

const rounds = Number(values.rounds ?? (values.short ? 1 : values.cluster ? 10 : 20));
const soakMinutes = values.soak === undefined ? undefined : Number(values.soak);
if (!Number.isInteger(rounds) || rounds < 1 || (soakMinutes !== undefined && !(soakMinutes > 0))) {
  refuseUsage('--rounds must be an integer of at least 1, --soak a number of minutes.', HELP);
}
const pauseMs = Number(values.pause ?? (values.short ? 6 : 30)) * 1_000;
const missedBeats = Number(values['missed-beats'] ?? 3);
if (!(pauseMs > 0) || !Number.isInteger(missedBeats) || missedBeats < 1)
  refuseUsage('--pause must be a number of seconds, --missed-beats an integer of at least 1.', HELP);
const wanted = values.only?.split(',');
const isChosen = (/** @type {{ name: string }} */ { name }) => wanted?.some((start) => name.startsWith(start)) ?? true;
const chosen = (values.cluster ? nodeFaults : faults).filter(isChosen);
if (!all.some(isChosen)) {
  const names = all.map(({ name }) => name).join(', ');
  refuseUsage(`No fault has a name that begins like "${values.only}". The faults are: ${names}.`, HELP);
}

if (values.readers) {
  const size = values.short ? { readers: 100, newReaders: 1_000 } : { readers: 1_000, newReaders: 10_000 };
  process.exit(await runReaderFaults({ rounds, pauseMs, missedBeats, ...size, only: wanted, print }));
}

print(
  `starting RabbitMQ${values.cluster ? ' on three nodes' : ''}, Postgres, two gateways, two ledgers and reader-heartbeat`,
);
const { world, inject } = await (values.cluster ? startOnCluster() : startOnNode());
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
  process.once(signal, () => void world.stop().then(() => process.exit(130)));
world.startLoad();
await world.recovered();
// RabbitMQ 3.10 may never restore a queue that is a second old when its node is killed.
await wait(3_000);
const watch = new Watch(world);
const gaps = values.cluster ? new Gaps(world) : undefined;
/** @type {Map<string, number[]>} ms until everything had recovered, by fault */
const recoveries = new Map();

if (soakMinutes !== undefined) {
  world.during('load alone');
  await soak(world, { minutes: soakMinutes, print });
} else {
  for (const fault of chosen) {
    world.during(fault.name);
    const times = [];
    for (let round = 0; round < rounds; round++) {
      await inject(fault.name, { round, cutMs: values.short ? 9_000 : 20_000, watch });
      const tookMs = await world.recovered();
      times.push(tookMs);
      const unexpected = world.unexpected.filter((each) => each.fault === fault.name);
      const events =
        unexpected.length > 0 ? `; ${unexpected.length} unexpected events, the last: ${unexpected.at(-1)?.detail}` : '';
      print(`${fault.name} ${round + 1}/${rounds}: recovered after ${(tookMs / 1_000).toFixed(1)} s${events}`);
      // The load also runs between two faults.
      await wait(1_500);
    }
    recoveries.set(fault.name, times);
  }
}

const loadedForS = (performance.now() - world.loadedSince) / 1_000;
print('ending the load and waiting for the outstanding work');
await world.settle();
const outcomes = countOutcomes({
  journal: world.journal.read(),
  effects: await world.effects(),
  deadLetters: await world.deadLetters(),
});
for (const { fault, detail } of world.unexpected) outcomes.get(fault)?.unexpected.push(detail);
await Promise.all([watch.stop(), gaps?.stop()]);
const codes = await world.stop();
const withoutCounts = world.unexpected.filter(({ fault }) => !outcomes.has(fault));

print('');
for (const line of table({ outcomes, recoveries })) print(line);
if (gaps) print('');
for (const line of gaps?.table() ?? []) print(line);
const perSecond = Math.round(world.heartbeats / loadedForS).toLocaleString('en');
const minutes = (loadedForS / 60).toFixed(1);
print(`\nThe load: ${perSecond} heartbeats a second confirmed on average, over ${minutes} minutes, outages included.`);
print(
  `GET /status was read ${watch.answers.toLocaleString('en')} times. At the end both gateways had every stream at its owner's number with its owner's digest.`,
);
const problems = [...outcomes.values()].flatMap(({ fault, unexpected }) =>
  unexpected.map((detail) => `${fault}: ${detail}`),
);
problems.push(
  ...withoutCounts.map(({ fault, detail }) => `${fault}: ${detail}`),
  ...codes
    .filter((code) => code !== 0 && code !== undefined)
    .map((code) => `a process exited with ${code} when it was stopped`),
);
for (const problem of problems.slice(0, 50)) print(problem);
if (problems.length > 50) print(`and ${problems.length - 50} more`);
if (problems.length > 0) print(`Logs and journal: ${world.folder}`);
else world.removeFolder();
process.exit(problems.length > 0 ? 1 : 0);

/** @typedef {import('./faults.mjs').Round} Round */

async function startOnNode() {
  const world = await World.start({ broker: await FaultyBroker.start(), load: values.short ? SHORT_LOAD : LOAD });
  const inject = (/** @type {string} */ name, /** @type {Round} */ round) =>
    faults.find((fault) => fault.name === name)?.inject(world, round);
  return { world, inject };
}

async function startOnCluster() {
  const world = await World.start({
    broker: await ClusterBroker.start(),
    load: CLUSTER_LOAD,
    readerHeartbeats: 2,
    isWatched: true,
  });
  const inject = (/** @type {string} */ name) => nodeFaults.find((fault) => fault.name === name)?.inject(world);
  return { world, inject };
}
