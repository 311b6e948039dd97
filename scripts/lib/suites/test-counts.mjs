// @ts-check
import { readFileSync } from 'node:fs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @param {Counts} a @param {Counts} b @returns {Counts} */
export function addCounts(a, b) {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** @param {Counts} counts @returns {string} the line `npm test` ends with */
export function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/**
 * @param {string} reportFile of vitest's JSON reporter
 * @param {boolean} well whether vitest ended with 0
 * @returns {Counts} a file that could not be loaded is one failure, and so is a run that went wrong without a failed test
 */
export function countsOfVitest(reportFile, well) {
  const report = readReport(reportFile);
  const passed = report?.numPassedTests ?? 0;
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  const unloaded = (report?.testResults ?? []).filter(
    (file) => file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed'),
  );
  const failed = (report?.numFailedTests ?? 0) + unloaded.length;
  return { passed, failed: failed === 0 && !well ? 1 : failed, skipped };
}

/** @param {string} reportFile @returns {FileReport[]} none when there is no report */
export function resultsOfVitest(reportFile) {
  return readReport(reportFile)?.testResults ?? [];
}

/** @typedef {{ name: string, startTime: number, endTime: number, status: string, assertionResults: { status: string }[] }} FileReport */

/**
 * @typedef {{
 *   numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number, testResults: FileReport[],
 * }} Report
 */

/** @param {string} file @returns {Report | undefined} */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
