// @ts-check
import { createServer } from 'node:net';
import { loadavg } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { at, ms } from './calls.mjs';
import { startPlain } from './http.mjs';
import { Program, watchedBy, watchMessage } from './programs.mjs';
import { startSystem } from './system.mjs';
import { prefer } from './wrk.mjs';

const SECONDS = Number(process.env.STARVING_SECONDS ?? 60);
const QUIET_SECONDS = 10;
const FLOOR_SECONDS = 15;
/** Of each path. */
const CALLS_PER_SECOND = 50;
const BAD_KEYS = {
  perSecond: 2_000,
  mode: { connections: 2_000, batch: 1, isReused: true, waits: true, bodyBytes: 0 },
};

/** @typedef {import('./prober.mjs').Probed} Probed */
/** @typedef {{ name: string, port: number, pid: number, probes: import('./prober.mjs').Probe[], child: import('node:child_process').ChildProcess }} Server */

/**
 * What an admin waits for `GET /livez` (of both ports), `GET /status` and a change, while one manager's key does its worst from processes of their
 * own: waits, connection tests at a server that does not answer, bodies of 2 MB, idle connections, and wrong keys from the same
 * address. Beside each its value in the quiet seconds before, and the floor: the same programs at a bare `node:http` that refuses all of it.
 * `STARVING_SECONDS` makes it shorter; `STARVING_PROFILE` names a file for a CPU profile of the gateway under load.
 */
export async function* starving() {
  const system = await startSystem({ execArgv: watchedBy });
  const plain = await startPlain(Buffer.from('{"status":"ok"}'), { except: ['/livez', '/status'], isWatched: true });
  const sockets = new Set();
  const silent = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  await new Promise((resolve) => silent.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port: silentPort } = /** @type {import('node:net').AddressInfo} */ (silent.address());
  try {
    await system.start('registry', {
      SIGNALBOX_SECRET_KEYS: Buffer.alloc(32, 7).toString('base64'),
      SIGNALBOX_REGISTRY_DATA: `${system.home}/registry`,
      SIGNALBOX_ALLOW_LOOPBACK_TARGETS: 'true',
    });
    for (const name of ['admins', 'managers']) await system.send('POST', '/api/v0/projects', { name });
    const { key } = await system.send('POST', '/v1/keys', { name: 'manager', role: 'manager' });
    const [gateway, floor] = [gatewayOf(system.gateway), floorOf(plain)];
    for (const { pid } of [gateway, floor]) prefer(pid);
    const change = () => system.send('PATCH', '/api/v0/projects/admins', { readme: String(performance.now()) });
    const adminKey = system.headers['x-api-key'] ?? '';
    const options = { key: adminKey, perSecond: CALLS_PER_SECOND };
    const load = (/** @type {Server} */ { port }, /** @type {number} */ seconds) => [
      new Program('starver.mjs', { port, key, silentPort, seconds }),
      new Program('guesser.mjs', { port, seconds, ...BAD_KEYS }),
    ];
    for (const server of [floor, gateway]) {
      const seconds = server === floor ? FLOOR_SECONDS : SECONDS;
      const profile = server === floor ? undefined : process.env.STARVING_PROFILE;
      const changing = server === floor ? undefined : change;
      await measure(server, { ...options, seconds: 3, changing });
      const quiet = await measure(server, { ...options, seconds: QUIET_SECONDS, changing });
      const programs = load(server, seconds);
      // Until its connections are open.
      await wait(2_000);
      const during = await measure(server, { ...options, seconds: seconds - 4, changing, profile });
      yield `${server.name} beside one key that does its worst for ${seconds} s (load of the machine ${loadavg()[0]?.toFixed(1)})`;
      for (const [name, times] of Object.entries(during.times))
        yield `  ${name}: ${compared(times, quiet.times[name])}`;
      for (const [title, { server: line }] of Object.entries({ quiet, 'beside it': during }))
        yield `  ${title}: ${line}`;
      if (Object.keys(during.failed).length > 0) yield `  not answered with 200: ${JSON.stringify(during.failed)}`;
      for (const program of programs) yield `  ${await program.summary()}`;
      await wait(3_000);
    }
  } finally {
    for (const socket of sockets) socket.destroy();
    silent.close();
    plain.stop();
    await system.close();
  }
}

/** @param {Awaited<ReturnType<typeof startSystem>>['gateway']} gateway @returns {Server} */
const gatewayOf = ({ port, managementPort, pid, child }) => ({
  name: 'gateway',
  port,
  pid,
  child,
  probes: [
    { name: 'GET /livez', port, path: '/livez' },
    { name: 'GET /livez of the management port', port: managementPort, path: '/livez' },
    { name: 'GET /status', port, path: '/status' },
  ],
});

/** @param {Awaited<ReturnType<typeof startPlain>>} plain @returns {Server} */
const floorOf = ({ port, pid, child }) => ({
  name: 'node:http',
  port,
  pid,
  child,
  probes: ['/livez', '/status'].map((path) => ({ name: `GET ${path}`, port, path })),
});

/**
 * @param {Server} server
 * @param {{ key: string, perSecond: number, seconds: number, changing: (() => Promise<unknown>) | undefined, profile?: string | undefined }} options
 * @returns {Promise<Pick<Probed, 'times' | 'failed'> & { server: string }>}
 */
async function measure({ pid, child, probes }, { changing, profile, ...options }) {
  await watchMessage(child, { watch: 'begin', profile });
  const prober = new Program('prober.mjs', { probes, ...options }, { isPreferred: true });
  const before = Program.threadTimes(pid);
  const changes = changing === undefined ? undefined : oneByOne(changing, options.seconds);
  const { times, failed, lateMs } = /** @type {Probed} */ (await prober.result);
  const { ran, waited } = Program.threadTimes(pid);
  const { p50, p99, max, longestGc } = await watchMessage(child, { watch: 'end' });
  const share = (/** @type {number} */ seconds) => `${Math.round((seconds / options.seconds) * 100)} %`;
  return {
    times: { ...times, ...(changes && { 'PATCH of a project': await changes }) },
    failed,
    server:
      `main thread ran ${share(ran - before.ran)}, waited for a core ${share(waited - before.waited)}; event loop late p50 ${p50.toFixed(1)} ` +
      `p99 ${p99.toFixed(1)} max ${max.toFixed(0)} ms, longest garbage collection ${Math.max(0, ...Object.values(longestGc))} ms; prober: late p99 ${lateMs.toFixed(1)} ms, CPU ${share(prober.cpuSeconds)}`,
  };
}

/** @param {() => Promise<unknown>} change @param {number} seconds */
async function oneByOne(change, seconds) {
  const times = [];
  const endsAt = performance.now() + seconds * 1_000;
  while (performance.now() < endsAt) {
    const sentAt = performance.now();
    await change();
    times.push(performance.now() - sentAt);
    await wait(200);
  }
  return times;
}

/** @param {number[]} times @param {number[]} [before] */
const compared = (times, before = []) =>
  `p99 ${(at(times, 0.99) / at(before, 0.99)).toFixed(2)} × quiet; quiet p50 ${ms(before, 0.5)} p99 ${ms(before, 0.99)} ms; beside it p50 ${ms(times, 0.5)} p99 ${ms(times, 0.99)} max ${ms(times, 1 - 1e-9)} ms`;
