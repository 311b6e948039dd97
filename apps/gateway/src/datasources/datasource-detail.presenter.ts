import type { DatasourceDetail } from '@signalbox/contracts/http';
import type { DatasourceEntry } from '@signalbox/contracts/streams';
import { inSeconds, inSecondsOrNull } from './datasource.presenter.js';

/** When and how an answer is put together. */
export interface Shown {
  /** Unix ms. */
  readonly now: number;
  readonly stale: boolean;
}

/** The native view of a datasource. Ages are those at the time of the answer. */
export function presentDetail(entry: DatasourceEntry, { now, stale }: Shown): DatasourceDetail {
  const { id, connection, status, livemode, paused, retry_count, last_error, stuck } = entry;
  return {
    object: 'datasource_detail',
    id,
    connection,
    status,
    livemode,
    paused,
    stale,
    setup: setupOf(entry, now),
    sync: syncOf(entry, now),
    freshness: freshnessOf(entry, now),
    retry_count,
    last_error,
    stuck: stuck && { since: inSeconds(stuck.since), age_seconds: ageOf(stuck.since, now), evidence: stuck.evidence },
    position: positionOf(entry, now),
    direct: directOf(entry),
    endpoint: endpointOf(entry, now),
  };
}

function setupOf({ setup }: DatasourceEntry, now: number): DatasourceDetail['setup'] {
  const { state, checking, checked_at, failures, advisories } = setup;
  return {
    state,
    checking,
    checked_at: inSecondsOrNull(checked_at),
    checked_age_seconds: ageOrNull(checked_at, now),
    failures,
    advisories,
  };
}

function syncOf({ sync }: DatasourceEntry, now: number): DatasourceDetail['sync'] {
  const { state, since, snapshot, next_attempt_at, error, fix } = sync;
  return {
    state,
    since: inSeconds(since),
    age_seconds: ageOf(since, now),
    snapshot,
    next_attempt_at: inSecondsOrNull(next_attempt_at),
    next_attempt_in_seconds: next_attempt_at === null ? null : ageOf(now, next_attempt_at),
    error,
    fix,
  };
}

function freshnessOf({ freshness }: DatasourceEntry, now: number): DatasourceDetail['freshness'] {
  const { newest_change_at, unknown_because, drained_at } = freshness;
  return {
    newest_change_at: inSecondsOrNull(newest_change_at),
    age_seconds: ageOrNull(newest_change_at, now),
    unknown_because,
    drained_at: inSecondsOrNull(drained_at),
    drained_age_seconds: ageOrNull(drained_at, now),
  };
}

const positionOf = ({ position }: DatasourceEntry, now: number): DatasourceDetail['position'] =>
  position && {
    ...position,
    measured_at: inSecondsOrNull(position.measured_at),
    measured_age_seconds: ageOrNull(position.measured_at, now),
  };

function directOf({ direct }: DatasourceEntry): DatasourceDetail['direct'] {
  if (direct === null) return null;
  const { user, tls, publication, slot } = direct;
  return { user, tls, publication, slot };
}

function endpointOf({ endpoint }: DatasourceEntry, now: number): DatasourceDetail['endpoint'] {
  if (endpoint === null) return null;
  const { event_lag, former_key_until, last_request_at, last_success_at } = endpoint;
  return {
    event_lag,
    event_lag_unknown_because: event_lag === null ? whyNoLag(last_success_at) : null,
    former_key_until: inSecondsOrNull(former_key_until),
    last_request_age_seconds: ageOrNull(last_request_at, now),
    last_success_age_seconds: ageOrNull(last_success_at, now),
  };
}

const whyNoLag = (lastSuccessAt: number | null): string =>
  lastSuccessAt === null
    ? 'No poll has succeeded yet.'
    : 'Since the last success no poll has reached the end of the feed: how many events it still holds is not known.';

/** The times come from other machines, whose clocks may be ahead. */
const ageOf = (at: number, now: number): number => Math.max(0, Math.floor((now - at) / 1_000));

const ageOrNull = (at: number | null, now: number): number | null => (at === null ? null : ageOf(at, now));
