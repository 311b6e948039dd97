// @ts-check
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail, loaded } from './lib/base/fail.mjs';
import { homeFrom } from './lib/base/home.mjs';
import { readOptions, refuseUsage } from './lib/base/options.mjs';

const help = `npm run logs [-- service …] [options]: prints the logs of npm start for people, those of all services in order of time.

  service          gateway, registry, …: a file of .signalbox/log (SIGNALBOX_HOME); without one, all services
  --follow, -f     goes on with what is added, until Ctrl-C
  --level <level>  only this level and above: trace, debug, info, warn, error, fatal
  --lines <n>      how many of the last lines (100)
`;

const { values, positionals: wanted } = readOptions(help, {
  positionals: Infinity,
  options: { follow: { type: 'boolean', short: 'f' }, level: { type: 'string' }, lines: { type: 'string' } },
});

/** @param {string} folder @returns {string[]} names of services */
function logsIn(folder) {
  try {
    return readdirSync(folder).flatMap((file) => /^(.+)\.log$/.exec(file)?.[1] ?? []);
  } catch {
    return fail(`There is no ${folder}. Start Signalbox with \`npm start\`.`);
  }
}

const home = homeFrom(process.env);
if (!/^\d+$/.test(values.lines ?? '100')) refuseUsage('--lines must be a whole number.', help);
const count = Number(values.lines ?? 100);
const { LogFile, inOrder, isShown, levels, parseLine, printer } = await loaded(() => [
  import('./lib/logs/log-lines.mjs'),
  import('./lib/logs/log-file.mjs'),
]);
if (values.level !== undefined && !levels.includes(values.level))
  refuseUsage(`--level must be one of ${levels.join(', ')}.`, help);
const known = logsIn(home.logFolder);
const missing = wanted.find((name) => !known.includes(name));
if (missing !== undefined) refuseUsage(`There is no log of ${missing}. There are: ${known.sort().join(', ')}.`, help);

process.stdout.on('error', () => process.exit(0));
const files = (wanted.length > 0 ? wanted : known).map((name) => new LogFile(home.logFile(name)));
const passes = isShown(values.level);
const print = printer({ colorize: process.stdout.isTTY });
// Of other programs only those that are named: what they write has no time by which it could be put in order.
const isWanted = (/** @type {import('./lib/logs/log-lines.mjs').LogLine} */ line) =>
  passes(line) && (wanted.length > 0 || line.record !== undefined);
const read = () => inOrder(files.map((file) => file.newLines().map(parseLine))).filter(isWanted);

for (const line of read().slice(count === 0 ? Infinity : -count)) process.stdout.write(print(line));
while (values.follow) {
  await sleep(250);
  for (const line of read()) process.stdout.write(print(line));
}
