// @ts-check
// `npm run faults`: real services under load, and one fault after the other, many times. What was acknowledged is compared
// with what was done. Exits with 1 if anything was lost, done twice or not expected.
import { parseArgs } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import { balance } from './books.mjs';
import { faults } from './faults.mjs';
import { soak } from './soak.mjs';
import { table } from './table.mjs';
import { Watch } from './watch.mjs';
import { World } from './world.mjs';

const HELP = `npm run faults [-- options]

  --rounds <n>       how often each fault is made (default 20)
  --only <a,b>       only these faults, by the beginning of their names
  --short            once each, the cut for 9 s and no message that fails to the end: what npm test runs
  --soak <minutes>   no fault: the load alone, for that long, and how memory and handles grow
  --list             the faults
`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    only: { type: 'string' },
    short: { type: 'boolean' },
    soak: { type: 'string' },
    list: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
const print = (/** @type {string} */ line) => void process.stdout.write(`${line}\n`);
if (values.help || values.list) {
  print(values.help ? HELP : faults.map(({ name, about }) => `${name.padEnd(20)} ${about}`).join('\n'));
  process.exit(0);
}

const rounds = Number(values.rounds ?? (values.short ? 1 : 20));
const soakMinutes = values.soak === undefined ? undefined : Number(values.soak);
if (!Number.isInteger(rounds) || rounds < 1 || (soakMinutes !== undefined && !(soakMinutes > 0))) {
  process.stderr.write(`--rounds wants a whole number from 1 on, --soak a number of minutes.\n\n${HELP}`);
  process.exit(2);
}
const wanted = values.only?.split(',');
const chosen = faults.filter(({ name }) => wanted === undefined || wanted.some((start) => name.startsWith(start)));
if (chosen.length === 0) {
  process.stderr.write(
    `No fault is called like "${values.only}". There are: ${faults.map(({ name }) => name).join(', ')}.\n`,
  );
  process.exit(2);
}

print('starting RabbitMQ, Postgres, two gateways, two ledgers and reader-heartbeat');
const world = await World.start({ poison: !values.short });
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
  process.once(signal, () => void world.stop().then(() => process.exit(130)));
world.startLoad();
await world.recovered();
// A queue of RabbitMQ 3.10 that is a second old when its node is killed may never come back.
await wait(3_000);
const watch = new Watch(world);
/** @type {Map<string, number[]>} ms until all was well, by fault */
const recoveries = new Map();

if (soakMinutes !== undefined) {
  world.during('load alone');
  await soak(world, { minutes: soakMinutes, print });
} else {
  for (const fault of chosen) {
    world.during(fault.name);
    const times = [];
    for (let round = 0; round < rounds; round++) {
      await fault.inject(world, { round, cutMs: values.short ? 9_000 : 20_000, watch });
      const tookMs = await world.recovered();
      times.push(tookMs);
      const surprises = world.surprises.filter((each) => each.fault === fault.name);
      print(
        `${fault.name} ${round + 1}/${rounds}: well again ${(tookMs / 1_000).toFixed(1)} s later${surprises.length > 0 ? `; ${surprises.length} surprises, the last: ${surprises.at(-1)?.detail}` : ''}`,
      );
      // So that there is load between two faults too.
      await wait(1_500);
    }
    recoveries.set(fault.name, times);
  }
}

const loadedForS = (performance.now() - world.loadedSince) / 1_000;
print('ending the load and waiting for all that is outstanding');
await world.settle();
const balances = balance({
  journal: world.journal.read(),
  effects: await world.effects(),
  parked: await world.parked(),
});
for (const { fault, detail } of world.surprises) balances.get(fault)?.unexpected.push(detail);
await watch.stop();
const codes = await world.stop();
const strays = world.surprises.filter(({ fault }) => !balances.has(fault));

print('');
for (const line of table({ balances, recoveries })) print(line);
print(
  `\nThe load: ${Math.round(world.heartbeats / loadedForS).toLocaleString('en')} heartbeats a second confirmed on average, over ${(loadedForS / 60).toFixed(1)} minutes with all outages in them.`,
);
print(
  `GET /status was read ${watch.answers.toLocaleString('en')} times. At the end both gateways had every stream as its owner has it.`,
);
const problems = [...balances.values()].flatMap(({ fault, unexpected }) =>
  unexpected.map((detail) => `${fault}: ${detail}`),
);
problems.push(
  ...strays.map(({ fault, detail }) => `${fault}: ${detail}`),
  ...codes
    .filter((code) => code !== 0 && code !== undefined)
    .map((code) => `a process ended with ${code} when it was stopped`),
);
for (const problem of problems.slice(0, 50)) print(problem);
if (problems.length > 50) print(`and ${problems.length - 50} more`);
if (problems.length > 0) print(`Logs and journal: ${world.folder}`);
else world.removeFolder();
process.exit(problems.length > 0 ? 1 : 0);
