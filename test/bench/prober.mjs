// @ts-check
// Calls each path at a fixed rate in a process of its own, so that what else the benchmark does takes no time from it.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { call } from './calls.mjs';

/** @typedef {{ name: string, port: number, path: string }} Probe */
/** @typedef {{ probes: Probe[], key: string, perSecond: number, seconds: number }} Options */
/**
 * @typedef {{ times: Record<string, number[]>, failed: Record<string, number>, lateMs: number }} Probed
 * `times`: ms from a call to its answer, by name; `failed`: how many had no 200; `lateMs`: p99 of how late timers of this process were
 */

process.once('message', (/** @type {Options} */ options) => {
  void probe(options).then((probed) => process.send?.(probed, () => process.exit()));
});

/** @param {Options} options @returns {Promise<Probed>} */
async function probe({ probes, ...options }) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  /** @type {Probed} */
  const probed = { times: {}, failed: {}, lateMs: 0 };
  const onFailed = (/** @type {string} */ name) => (probed.failed[name] = (probed.failed[name] ?? 0) + 1);
  await Promise.all(
    probes.map(async ({ name, ...target }) => {
      probed.times[name] = await call({ ...options, ...target, onFailed: () => onFailed(name) });
    }),
  );
  probed.lateMs = delay.percentile(99) / 1e6 - 1;
  return probed;
}
