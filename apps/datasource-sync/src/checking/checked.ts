import type { DatasourceError } from '@signalbox/contracts/streams';
import { nextCheckMs } from '../standing/check-times.rules.js';
import { standingColumns, standingOf } from '../standing/standing-columns.js';
import { afterCheck, UNVERIFIED, type Outcome } from '../standing/standing.rules.js';
import type { DatasourceRow } from '../store/datasource.row.js';
import type { CheckResult } from '../work/follower.js';

/** How a check ended; null: it could not be run, which says nothing about the source. */
export type Checked = CheckResult | null;

/** The result where the credentials cannot be opened. No attempt of a source makes it better. */
export const UNREADABLE: CheckResult = {
  outcome: 'refused',
  credentialsRefused: true,
  failures: [
    {
      item: 'login',
      actual: 'the stored credentials cannot be decrypted',
      fix: 'Restore the key that sealed them in SIGNALBOX_SECRET_KEYS, or register the datasource again.',
    },
  ],
  advisories: [],
  duration_ms: 0,
};

const NOT_RUN: DatasourceError = {
  code: 'check_failed',
  message: 'The check could not be run to its end; it is repeated.',
};

/** What of a result is stored: sources choose the texts, within bounds. */
const MOST_FAILURES = 100;
const LONGEST_TEXT = 2_000;

/** A row with the outcome of its check. */
export function withChecked(
  row: DatasourceRow,
  result: Checked,
  { now, random }: { readonly now: Date; readonly random: number },
): DatasourceRow {
  const outcome = outcomeOf(result);
  // What cannot be read at all was not refused by accident.
  const before = result === UNREADABLE ? UNVERIFIED : standingOf(row);
  const standing = afterCheck(before, outcome, now.getTime());
  const failures = outcome.kind === 'succeeded' ? 0 : row.check_failures + 1;
  const wait = nextCheckMs({
    status: standing.status,
    paused: row.paused_at !== null,
    isRefused: outcome.kind === 'refused',
    failures,
    random,
  });
  return {
    ...row,
    ...standingColumns(standing),
    was_active: row.was_active || standing.status === 'active',
    checking: false,
    check_due_at: wait === null ? null : new Date(now.getTime() + wait),
    check_failures: failures,
    ...findingsOf(row, result, now),
    is_changed: true,
  };
}

function outcomeOf(result: Checked): Outcome {
  if (result === null) return { kind: 'failed', error: NOT_RUN };
  if (result.outcome === 'ready') return { kind: 'succeeded' };
  return { kind: result.outcome === 'refused' ? 'refused' : 'failed', error: errorOf(result) };
}

function errorOf({ failures }: CheckResult): DatasourceError {
  const [first] = failures;
  if (first === undefined) return { code: 'check_failed', message: 'The source did not pass its check.' };
  const more = failures.length > 1 ? `, and ${failures.length - 1} more` : '';
  return { code: clip(first.item, 60), message: `${clip(first.actual, 400)}${more}` };
}

/** What a check found that could not reach the source replaces only what is of no worth. */
function findingsOf(
  row: DatasourceRow,
  result: Checked,
  now: Date,
): Partial<Pick<DatasourceRow, 'findings' | 'checked_at'>> {
  if (result === null) return {};
  const failures = result.failures
    .slice(0, MOST_FAILURES)
    .map(({ item, actual, fix }) => ({ item: clip(item), actual: clip(actual), fix: clip(fix) }));
  const advisories = result.advisories
    .slice(0, MOST_FAILURES)
    .map(({ item, recommendation }) => ({ item: clip(item), recommendation: clip(recommendation) }));
  if (result.outcome === 'unreachable')
    return row.findings.state === 'unverified' ? { findings: { state: 'unverified', failures, advisories } } : {};
  const refused = result.credentialsRefused ? 'rejected' : 'incomplete';
  const state = result.outcome === 'ready' ? 'verified' : refused;
  return { findings: { state, failures, advisories }, checked_at: now };
}

const clip = (text: string, longest = LONGEST_TEXT): string =>
  text.length > longest ? `${text.slice(0, longest)}…` : text;
