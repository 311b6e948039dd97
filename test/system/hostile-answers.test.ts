import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Attack, KINDS, type Report } from '../support/hostile/attack.js';

/** `npm run faults:hostile` sets both. The usual seed has no answer that takes a test's whole time. */
const cases = Number(process.env['HOSTILE_CASES'] ?? 8);
const seed = Number(process.env['HOSTILE_SEED'] ?? 257);
const isFull = process.env['HOSTILE_CASES'] !== undefined;

/** Servers that answer connection tests and fetches of repositories with what no such server sends. */
describe(`${cases} hostile answers of each kind (npm run faults:hostile -- --cases ${cases} --seed ${seed})`, () => {
  let attack: Attack;
  beforeAll(async () => {
    attack = await Attack.prepare();
  });
  afterAll(() => attack?.close());

  it.each(KINDS)(
    'of %s end their own requests, and nothing else',
    async (kind) => {
      const report = await attack.run(kind, cases, seed);
      if (isFull) print(report);
      expect(report.faults).toEqual([]);
      expect(report.outcomes).toHaveLength(cases);
      await attack.quiet();
    },
    120_000 + cases * 20_000,
  );
});

function print({ kind, outcomes, grownMiB, largestJobMiB, goodMs: [before, after] }: Report): void {
  const texts = new Map<string, number>();
  for (const { status, text } of outcomes) {
    const short = `${status} ${text.replaceAll(/127\.0\.0\.1:\d+/g, 'server').replaceAll(/"p\d+"|package p\d+/g, 'p')}`;
    texts.set(short.slice(0, 140), (texts.get(short.slice(0, 140)) ?? 0) + 1);
  }
  const ms = outcomes.map((outcome) => outcome.ms).toSorted((a, b) => a - b);
  const most = [...texts].toSorted(([, a], [, b]) => b - a).slice(0, 25);
  console.info(
    [
      `${kind}: ${outcomes.length} answers, median ${ms[Math.floor(ms.length / 2)]?.toFixed(0)} ms, longest ${ms.at(-1)?.toFixed(0)} ms`,
      `  the registry grew by ${grownMiB.toFixed(1)} MiB, the largest process of a job had ${largestJobMiB.toFixed(0)} MiB`,
      `  a good answer took ${before.toFixed(0)} ms before and ${after.toFixed(0)} ms after`,
      ...most.map(([text, times]) => `  ${String(times).padStart(4)} × ${text}`),
    ].join('\n'),
  );
}
