// @ts-check
import { readdirSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { cpuSecondsOf, residentBytesOf } from '../support/processes.mjs';

const SAMPLE_MS = 10_000;
/** Caches and pools fill first, so the measurement starts later. */
const WARM_UP_MINUTES = 5;

/** @typedef {{ minute: number, rssMiB: number, handles: number, cpuSeconds: number }} Sample */

/**
 * Runs the load and prints how the memory and the open handles of each process grow.
 * @param {import('./world.mjs').World<any>} world
 * @param {{ minutes: number, print: (line: string) => void }} options
 */
export async function soak(world, { minutes, print }) {
  const processes = [...world.services, ...(world.load ? [world.load] : [])];
  /** @type {Map<string, Sample[]>} */
  const samples = new Map(processes.map(({ name }) => [name, []]));
  const startedAt = performance.now();
  for (let minute = 0; minute < minutes; minute = (performance.now() - startedAt) / 60_000) {
    for (const { name, pid } of processes) samples.get(name)?.push({ minute, ...usage(pid) });
    await wait(SAMPLE_MS);
  }
  const warmUp = Math.min(WARM_UP_MINUTES, minutes / 3);
  print(`\n| process | memory at the end | growth an hour | handles at the end | growth an hour | CPU |`);
  print('|---|--:|--:|--:|--:|--:|');
  for (const [name, all] of samples) {
    const warm = all.filter(({ minute }) => minute >= warmUp);
    const last = warm.at(-1);
    const first = warm[0];
    if (!last || !first) continue;
    const cpu = (last.cpuSeconds - first.cpuSeconds) / ((last.minute - first.minute) * 60);
    const memory = `${last.rssMiB.toFixed(0)} MiB | ${slope(warm, 'rssMiB').toFixed(1)} MiB`;
    const handles = `${last.handles} | ${slope(warm, 'handles').toFixed(1)}`;
    print(`| ${name} | ${memory} | ${handles} | ${(cpu * 100).toFixed(0)} % |`);
  }
}

/** Growth an hour, by least squares. @param {Sample[]} samples @param {'rssMiB' | 'handles'} what */
function slope(samples, what) {
  const mean = (/** @type {number[]} */ values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const minutes = mean(samples.map(({ minute }) => minute));
  const value = mean(samples.map((sample) => sample[what]));
  const over = samples.reduce((sum, { minute }) => sum + (minute - minutes) ** 2, 0);
  const rise = samples.reduce((sum, sample) => sum + (sample.minute - minutes) * (sample[what] - value), 0);
  return over === 0 ? 0 : (rise / over) * 60;
}

/** Memory, handles and CPU time of a process, read from /proc. @param {number} pid */
function usage(pid) {
  return {
    rssMiB: residentBytesOf(pid) / 1_048_576,
    handles: readdirSync(`/proc/${pid}/fd`).length,
    cpuSeconds: cpuSecondsOf(pid),
  };
}
