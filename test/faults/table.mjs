// @ts-check
/** @typedef {import('./books.mjs').Balance} Balance */

/**
 * The result as a Markdown table, one line a fault.
 * @param {{ balances: Map<string, Balance>, recoveries: Map<string, number[]> }} result
 */
export function* table({ balances, recoveries }) {
  yield '| fault | times | acknowledged | parked | parked again | lost | duplicated | unexpected | well again after, median / longest |';
  yield '|---|--:|--:|--:|--:|--:|--:|--:|--:|';
  for (const { fault, acknowledged, parked, parkedAgain, lost, duplicated, unexpected } of balances.values()) {
    const times = (recoveries.get(fault) ?? []).toSorted((a, b) => a - b);
    const seconds = (/** @type {number | undefined} */ ms) => `${((ms ?? 0) / 1_000).toFixed(1)} s`;
    const recovery =
      times.length === 0 ? '' : `${seconds(times[Math.floor(times.length / 2)])} / ${seconds(times.at(-1))}`;
    yield `| ${fault} | ${times.length} | ${acknowledged} | ${parked} | ${parkedAgain} | ${lost} | ${duplicated} | ${unexpected.length} | ${recovery} |`;
  }
}
