// @ts-check
// `npm run faults:follow`: follows a database while everything that takes part is killed at random moments, and compares what a
// consumer made of the changes with the database. Exits with 1 if a row differs.
import { setTimeout as wait } from 'node:timers/promises';
// @boundaries-ignore Every script of package.json reads its options in the same way.
import { readOptions, refuseUsage } from '../../../scripts/lib/base/options.mjs';
import { FollowWorld } from './world.mjs';

const HELP = `npm run faults:follow [-- options]

  --changes <n>   rows that the source inserts, updates and deletes (default 1,000,000)
  --kills <n>     how often something is killed meanwhile (default 10)
`;

const { values } = readOptions(HELP, { options: { changes: { type: 'string' }, kills: { type: 'string' } } });
const changes = Number(values.changes ?? 1_000_000);
const kills = Number(values.kills ?? 10);
if (!Number.isInteger(changes) || changes < 1_000 || !Number.isInteger(kills) || kills < 0)
  refuseUsage('--changes must be an integer of at least 1000, --kills an integer.', HELP);
const print = (/** @type {string} */ line) => void process.stdout.write(`${line}\n`);

print('starting RabbitMQ, two Postgres servers, a gateway and two processes of datasource-sync');
const world = await FollowWorld.start();
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
  process.once(signal, () => void world.stop().then(() => process.exit(130)));
const looking = setInterval(() => world.look(), 500);
await world.follow();

const names = Object.keys(world.kills);
/** Shares of the work after which something is killed. */
const moments = Array.from({ length: kills }, (_, index) => (index + Math.random()) / kills);
let killed = 0;
const startedAt = performance.now();
await world.source.write({
  changes,
  onProgress: async (share) => {
    if (share < (moments[killed] ?? 2)) return;
    const name = names[killed % names.length] ?? '';
    killed += 1;
    print(`${killed}/${kills} after ${world.source.changes.toLocaleString('en')} changes: kill -9 of ${name}`);
    await world.kills[name]?.();
  },
});
const wroteS = (performance.now() - startedAt) / 1_000;
print(
  `${world.source.changes.toLocaleString('en')} changes written in ${wroteS.toFixed(0)} s; waiting for the consumer`,
);

const expected = await world.source.rows();
let differences = differencesOf(expected, world.consumer?.rows() ?? {});
const deadline = performance.now() + 600_000;
for (let delivered = -1; differences.length > 0 && performance.now() < deadline;) {
  await wait(1_000);
  // Comparing everything is for when nothing arrives any more.
  const now = world.consumer?.delivered ?? 0;
  if (now === delivered) differences = differencesOf(expected, world.consumer?.rows() ?? {});
  delivered = now;
}
const tookS = (performance.now() - startedAt) / 1_000;
const detail = await world.api('GET', `/v1/datasources/${world.datasource}/detail`);
clearInterval(looking);
const codes = await world.stop();

const { delivered = 0, duplicates = 0, problems = [] } = world.consumer ?? {};
print('');
print(
  `${world.source.changes.toLocaleString('en')} changes of the source, ${killed} kills, ${tookS.toFixed(0)} s in all`,
);
print(
  `${delivered.toLocaleString('en')} messages, of which ${duplicates.toLocaleString('en')} came again with the id they had`,
);
for (const [table, rows] of Object.entries(expected))
  print(`${table}: ${rows.size.toLocaleString('en')} different rows`);
for (const [name, bytes] of world.peaks) print(`${name}: at most ${(bytes / 1_048_576).toFixed(0)} MiB`);
const faults = [
  ...differences.slice(0, 20),
  ...problems.slice(0, 20),
  ...world.unexpected,
  ...codes.filter((code) => code !== 0).map((code) => `a process exited with ${code} when it was stopped`),
];
for (const fault of faults) print(fault);
if (faults.length > 0) print(`The datasource at the end: ${JSON.stringify(detail)}\nLogs: ${world.folder}`);
else {
  print('The consumer has exactly the rows of the source.');
  world.removeFolder();
}
process.exit(faults.length > 0 ? 1 : 0);

/** @param {Record<string, Map<string, number>>} expected @param {Record<string, Map<string, number>>} found @returns {string[]} */
function differencesOf(expected, found) {
  return Object.entries(expected).flatMap(([table, rows]) => {
    const others = found[table] ?? new Map();
    const lost = [...rows].filter(([text, times]) => others.get(text) !== times);
    const more = [...others].filter(([text]) => !rows.has(text));
    return [
      ...lost.map(([text, times]) => `${table}: ${others.get(text) ?? 0} instead of ${times} times: ${text}`),
      ...more.map(([text]) => `${table}: a row that the source does not have: ${text}`),
    ];
  });
}
