// @ts-check
// Loaded into a measured service before its own code (`--import`): on a message of the benchmark it measures the event loop and, where a file
// is named, takes a CPU profile, until the next message. With WATCHED_FROM_READY it begins when the service is ready.
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { constants, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const RESOLUTION_MS = 1;
const SAMPLING_US = 500;

/** @typedef {{ watch: 'begin', profile?: string | undefined } | { watch: 'end' } | { watch: 'memory' }} Order */
/** @typedef {{ used: number, rss: number }} Memory bytes after a garbage collection; `used`: of JavaScript and of its buffers */
/**
 * @typedef {{ p50: number, p99: number, max: number, ofSeconds: number[], longestGc: Record<string, number> }} LoopDelay
 * ms that a timer is late; `ofSeconds`: the most in each second; `longestGc`: ms of the longest garbage collection of each kind
 */

const session = new Session();
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
const inSecond = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
/** @type {number[]} */
let ofSeconds = [];
/** @type {NodeJS.Timeout | undefined} */
let seconds;
/** @type {string | undefined} */
let file;
/** @type {Record<string, number>} */
let longestGc = {};
const { NODE_PERFORMANCE_GC_MINOR: MINOR, NODE_PERFORMANCE_GC_MAJOR: MAJOR } = constants;
const KINDS = new Map([
  [MINOR, 'minor'],
  [MAJOR, 'major'],
]);
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const { duration, detail } =
      /** @type {import('node:perf_hooks').PerformanceEntry & { detail: { kind: number } }} */ (entry);
    const kind = KINDS.get(detail.kind) ?? 'other';
    longestGc[kind] = Math.max(longestGc[kind] ?? 0, Math.round(duration));
  }
}).observe({ entryTypes: ['gc'] });

process.on('message', (/** @type {Order} */ order) => {
  if (order.watch === 'begin') void begin(order.profile);
  if (order.watch === 'end') void end();
  if (order.watch === 'memory') measureMemory();
});

function measureMemory() {
  setFlagsFromString('--expose-gc');
  /** @type {() => void} */
  const collect = runInNewContext('gc');
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send?.({ used: heapUsed + external, rss });
}

if (process.env['WATCHED_FROM_READY'] !== undefined) {
  const send = /** @type {NonNullable<typeof process.send>} */ (process.send).bind(process);
  process.send = (/** @type {any[]} */ ...message) => {
    process.send = send;
    measure();
    return /** @type {any} */ (send)(...message);
  };
}

/** @param {string | undefined} profile */
async function begin(profile) {
  file = profile;
  if (file !== undefined) {
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_US });
    await session.post('Profiler.start');
  }
  measure();
  process.send?.({});
}

function measure() {
  longestGc = {};
  delay.reset();
  delay.enable();
  ofSeconds = [];
  inSecond.reset();
  inSecond.enable();
  seconds = setInterval(endSecond, 1_000);
}

function endSecond() {
  ofSeconds.push(late(inSecond.max));
  inSecond.reset();
}

const late = (/** @type {number} */ ns) => Math.max(0, ns / 1e6 - RESOLUTION_MS);

async function end() {
  delay.disable();
  inSecond.disable();
  clearInterval(seconds);
  endSecond();
  const [p50, p99] = [late(delay.percentile(50)), late(delay.percentile(99))];
  process.send?.({ p50, p99, max: late(delay.max), ofSeconds, longestGc });
  if (file === undefined) return;
  const { profile } = await session.post('Profiler.stop');
  writeFileSync(file, JSON.stringify(profile));
  session.disconnect();
}
