// @ts-check
/** @typedef {{ name: string, run: (count: number) => Promise<void> }} Contender */
/** @typedef {{ name: string, cpuUs: number, perSecond: number, ratio: number }} Result */

const ROUNDS = 7;

/**
 * Runs the contenders in turn, the first one being the reference; the first round warms up and is not counted.
 * @param {Contender[]} contenders
 * @param {number} count operations a round
 * @returns {Promise<Result[]>}
 */
export async function compare(contenders, count) {
  const rounds = contenders.map(() => /** @type {{ cpuUs: number, seconds: number }[]} */ ([]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [index, { run }] of contenders.entries()) {
      const cpu = process.cpuUsage();
      const startedAt = performance.now();
      await run(count);
      const { user, system } = process.cpuUsage(cpu);
      if (round > 0)
        rounds[index]?.push({ cpuUs: (user + system) / count, seconds: (performance.now() - startedAt) / 1_000 });
    }
  }
  const cpuOf = (/** @type {number} */ index) => median((rounds[index] ?? []).map(({ cpuUs }) => cpuUs));
  return contenders.map(({ name }, index) => ({
    name,
    cpuUs: cpuOf(index),
    perSecond: count / median((rounds[index] ?? []).map(({ seconds }) => seconds)),
    ratio: cpuOf(index) / cpuOf(0),
  }));
}

/** @param {string} title @param {Result[]} results */
export function* report(title, results) {
  yield title;
  for (const { name, cpuUs, perSecond, ratio } of results) {
    const rate = Math.round(perSecond).toLocaleString('en').padStart(10);
    const [cpu, multiple] = [cpuUs.toFixed(1).padStart(8), ratio.toFixed(2).padStart(6)];
    yield `  ${name.padEnd(44)} ${cpu} µs CPU  ${multiple} ×  ${rate}/s`;
  }
}

/** @param {number[]} values */
export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
