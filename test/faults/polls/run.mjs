// @ts-check
// `npm run faults:polls`: many endpoints, polled by two processes of datasource-sync, one of which is killed and not started again.
// Prints how the polls were spread and how long the longest pause of a datasource was. Exits with 1 if an endpoint saw two polls at once.
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '@signalbox/local-infra';
import { eventually, startTestInfra, testBroker, testDatabase } from '@signalbox/testing';
// @boundaries-ignore Every script of package.json reads its options in the same way.
import { readOptions, refuseUsage } from '../../../scripts/lib/base/options.mjs';
import { childrenOf, cpuSecondsOf } from '../../support/processes.mjs';
import { Child } from '../processes/child.mjs';

const HELP = `npm run faults:polls [-- options]

  --endpoints <n>   how many (default 2,000)
  --seconds <n>     for which they are polled by two processes (default 60)
`;

const { values } = readOptions(HELP, { options: { endpoints: { type: 'string' }, seconds: { type: 'string' } } });
const count = Number(values.endpoints ?? 2_000);
const seconds = Number(values.seconds ?? 60);
if (!Number.isInteger(count) || count < 1 || !(seconds > 0))
  refuseUsage('--endpoints must be an integer of at least 1, --seconds a number.', HELP);
const print = (/** @type {string} */ line) => void process.stdout.write(`${line}\n`);

const folder = mkdtempSync(join(tmpdir(), 'signalbox-polls-'));
const infra = await startTestInfra();
Object.assign(process.env, infra.env);
const [broker, database, port] = await Promise.all([testBroker(), testDatabase(), freePort()]);
const server = fork(fileURLToPath(new URL('endpoints.mjs', import.meta.url)));
const { port: endpointPort } = await answerOf(server);
const adminKeyFile = join(folder, 'admin.key');
const env = {
  RABBITMQ_URL: broker.url,
  BROKER_SENDERS: 'unchecked',
  DATABASE_URL: database.url,
  SIGNALBOX_MANAGEMENT_PORT: '0',
  LOG_LEVEL: 'info',
};
const keys = randomBytes(32).toString('base64url');
const problems = /** @type {string[]} */ ([]);
const child = (/** @type {string} */ service, /** @type {Record<string, string>} */ own, index = 0) =>
  new Child({
    name: `${service} ${index}`,
    script: `apps/${service}/bundle/main.js`,
    env: { ...env, ...own },
    logFile: join(folder, `${service}-${index}.log`),
    onUnexpected: (detail) => void problems.push(detail),
  }).start();
const gateway = child('gateway', { PORT: String(port), SIGNALBOX_ADMIN_KEY_FILE: adminKeyFile });
const [first, second] = [0, 1].map((index) =>
  child('datasource-sync', { SIGNALBOX_SECRET_KEYS: keys, SIGNALBOX_ALLOW_LOOPBACK_TARGETS: 'true' }, index),
);
await eventually(() => gateway.ready && first?.ready && second?.ready && existsSync(adminKeyFile), {
  timeoutMs: 60_000,
});
const adminKey = readFileSync(adminKeyFile, 'utf8').trim();
const { key } = await eventually(() =>
  api('POST', '/v1/keys', { name: 'polls', role: 'admin', mode: 'test', account: 'operators' }, adminKey),
);

print(`registering ${count.toLocaleString('en')} endpoints`);
const paths = Array.from({ length: count }, (_, index) => `/endpoint/${index}`);
for (let at = 0; at < count; at += 20) {
  await Promise.all(
    paths.slice(at, at + 20).map((path) =>
      api('POST', '/v1/datasources', {
        endpoint: `http://127.0.0.1:${endpointPort}${path}`,
        signingKey: `key of ${path}`,
      }),
    ),
  );
}
print('waiting until all are active');
await eventually(async () => (await list()).every(({ status }) => status === 'active'), { timeoutMs: 120_000 });
await wait(15_000);
const before = await report();

const cpuBefore = cpuMs();
await wait(seconds * 1_000);
const quiet = await report();
const perPoll = (cpuMs() - cpuBefore) / Math.max(1, quiet.polls - before.polls);
print(`two processes, ${seconds} s: ${line(quiet)}`);
print(`${perPoll.toFixed(2)} ms of CPU a poll, of both processes with their workers`);

print('kill -9 of one process with its workers, which does not come back');
const killed = second;
if (killed) {
  killed.start = () => killed;
  killed.kill();
}
const killedAt = performance.now();
await wait(20_000);
const after = await report();
print(
  `after ${((performance.now() - killedAt) / 1_000).toFixed(0)} s: ${line(after)}; longest silence now ${(after.longestSilentMs / 1_000).toFixed(1)} s`,
);
const shown = await list();
const active = shown.filter(({ status, event_lag }) => status === 'active' && (event_lag ?? 0) >= 0).length;
print(`the gateway shows ${active} of ${count} active`);

for (const [what, times] of Object.entries(after.wrong)) if (times > 0) problems.push(`${times} requests ${what}`);
if (after.longestMs > 25_000) problems.push('a datasource was left alone for more than 15 s beyond its interval');
if (active !== count) problems.push('not all are active');
server.disconnect();
await Promise.all([gateway, first].map((each) => each?.stop()));
await broker.remove();
await database.remove();
await infra.stop();
for (const problem of problems) print(problem);
if (problems.length > 0) print(`Logs: ${folder}`);
else rmSync(folder, { recursive: true, force: true });
process.exit(problems.length > 0 ? 1 : 0);

/** @param {string} method @param {string} path @param {object} [body] @param {string} [credential] @returns {Promise<any>} */
async function api(method, path, body, credential = key) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { 'x-api-key': credential, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

/** @returns {Promise<{ status: string, event_lag?: number }[]>} */
async function list() {
  return (await api('GET', '/v1/datasources')).data;
}

async function report() {
  server.send('report');
  return /** @type {Promise<any>} */ (answerOf(server));
}

/** @param {any} figures */
function line({ polls, shortestMs, longestMs, wrong }) {
  return `${polls.toLocaleString('en')} polls so far, intervals of ${(shortestMs / 1_000).toFixed(1)} to ${(longestMs / 1_000).toFixed(1)} s, wrong: ${JSON.stringify(wrong)}`;
}

/** Of both processes and their workers. @returns {number} ms */
function cpuMs() {
  const pids = [first, second].flatMap((each) => (each ? [each.pid, ...childrenOf(each.pid)] : []));
  return pids.reduce((sum, pid) => sum + cpuSecondsOf(pid) * 1_000, 0);
}

/** @param {import('node:child_process').ChildProcess} child @returns {Promise<any>} */
function answerOf(child) {
  return new Promise((resolve) => child.once('message', resolve));
}
