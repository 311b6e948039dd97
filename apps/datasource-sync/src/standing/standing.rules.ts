import type { DatasourceError, DatasourceStatus } from '@signalbox/contracts/streams';

/** What is known of whether a source lets itself be read. */
export interface Standing {
  readonly status: DatasourceStatus;
  /** Refusals since the last success. They are counted while it is active. */
  readonly refusals: number;
  /** Unix ms of the first of them. */
  readonly refusedSince: number | null;
  /** Failures of every kind since the last success. */
  readonly retryCount: number;
  readonly lastError: DatasourceError | null;
}

/** How a check, or an attempt of a follower, ended. `failed`: it says nothing about whether the source refuses. */
export type Outcome =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed' | 'refused'; readonly error: DatasourceError };

/** What is stored and not proven. */
export const UNVERIFIED: Standing = {
  status: 'unverified',
  refusals: 0,
  refusedSince: null,
  retryCount: 0,
  lastError: null,
};

/** One refusal of a source that worked may be an accident, such as a deployment in progress. So many within this time are not. */
const REFUSALS = 3;
const REFUSED_FOR_MS = 120_000;

/** More are not counted: it is a number for people. */
const MAX_COUNT = 1_000_000;

/** A check ended. @param at Unix ms, of the database */
export function afterCheck(standing: Standing, outcome: Outcome, at: number): Standing {
  if (outcome.kind === 'succeeded') return { ...UNVERIFIED, status: 'active' };
  const failed = {
    ...standing,
    retryCount: Math.min(standing.retryCount + 1, MAX_COUNT),
    lastError: outcome.error,
  };
  if (outcome.kind === 'failed') return failed;
  if (standing.status !== 'active') return { ...failed, status: 'rejected' };
  const refusals = Math.min(standing.refusals + 1, MAX_COUNT);
  const refusedSince = standing.refusedSince ?? at;
  const isRejected = refusals >= REFUSALS && at - refusedSince >= REFUSED_FOR_MS;
  return { ...failed, refusals, refusedSince, status: isRejected ? 'rejected' : 'active' };
}

/**
 * An attempt of a follower ended. Only an active datasource is followed: an attempt that is reported later, after its credentials were
 * replaced or rejected, says nothing about what is there now.
 */
export const afterAttempt = (standing: Standing, outcome: Outcome, at: number): Standing =>
  standing.status === 'active' ? afterCheck(standing, outcome, at) : standing;
