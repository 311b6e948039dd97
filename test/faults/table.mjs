// @ts-check
/** @typedef {import('./outcome-counts.mjs').OutcomeCounts} OutcomeCounts */

/**
 * The result as a Markdown table, one row for each fault. docs/reliability.md has such a table.
 * @param {{ outcomes: Map<string, OutcomeCounts>, recoveries: Map<string, number[]> }} result
 */
export function* table({ outcomes, recoveries }) {
  yield '| fault | times | acknowledged | dead letters | second copies | lost | duplicated | unexpected | recovered after, median / longest |';
  yield '|---|--:|--:|--:|--:|--:|--:|--:|--:|';
  for (const { fault, acknowledged, deadLetters, secondCopies, lost, duplicated, unexpected } of outcomes.values()) {
    const times = (recoveries.get(fault) ?? []).toSorted((a, b) => a - b);
    const seconds = (/** @type {number | undefined} */ ms) => `${((ms ?? 0) / 1_000).toFixed(1)} s`;
    const recovery =
      times.length === 0 ? '' : `${seconds(times[Math.floor(times.length / 2)])} / ${seconds(times.at(-1))}`;
    yield `| ${fault} | ${times.length} | ${acknowledged} | ${deadLetters} | ${secondCopies} | ${lost} | ${duplicated} | ${unexpected.length} | ${recovery} |`;
  }
}
