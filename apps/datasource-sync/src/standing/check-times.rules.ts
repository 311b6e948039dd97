import type { DatasourceStatus } from '@signalbox/contracts/streams';

const FIRST_MS = 30_000;
const LONGEST_MS = 600_000;
/** An active one that was refused is checked again, until it is known whether that was an accident: see `afterCheck`. */
const REFUSED_MS = 60_000;

export interface Checked {
  /** After the check. */
  readonly status: DatasourceStatus;
  readonly paused: boolean;
  readonly isRefused: boolean;
  /** Checks in a row that did not find it ready, this one included. */
  readonly failures: number;
  /** 0 to 1: datasources that failed together are not checked together again. */
  readonly random: number;
}

/**
 * How long after a check the next one is due, in ms; null: none is due by itself, because it is active and followed, or paused. So a
 * source that is repaired is found again.
 */
export function nextCheckMs({ status, paused, isRefused, failures, random }: Checked): number | null {
  if (paused) return null;
  if (status === 'active') return isRefused ? REFUSED_MS : null;
  const step = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(Math.max(failures - 1, 0), 20));
  return Math.round(step * (0.75 + random / 2));
}
