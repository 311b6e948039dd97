import type { DeathReason } from '@signalbox/sandbox';
import type { FollowerReport } from '../work/follower.js';
import { syncState } from '../work/sync-state.rules.js';

const ERRORS: Record<DeathReason, { readonly code: string; readonly message: string }> = {
  crashed: {
    code: 'worker_crashed',
    message: 'The process that reads this datasource crashed. Its log has the reason.',
  },
  hung: { code: 'worker_hung', message: 'The process that reads this datasource did not answer, and was ended.' },
  out_of_memory: {
    code: 'worker_out_of_memory',
    message:
      'The process that reads this datasource needed more memory than it may use (DATASOURCE_WORKER_MEMORY_BYTES).',
  },
  not_started: {
    code: 'worker_not_started',
    message: 'The process that reads this datasource could not be started. The log of datasource-sync has the reason.',
  },
  misbehaved: {
    code: 'worker_misbehaved',
    message: 'The process that reads this datasource sent what it must not send, and was ended.',
  },
};

const NOTHING_KNOWN: Pick<FollowerReport, 'freshness' | 'position' | 'stuck'> = {
  freshness: { newest_change_at: null, unknown_because: 'Nothing was published yet.', drained_at: null },
  position: null,
  stuck: null,
};

export interface DeathOfWorker {
  readonly reason: DeathReason;
  /** Unix ms. */
  readonly now: number;
  readonly restartInMs: number;
}

/** What is known of a datasource whose own worker died: what its follower reported last, and what happens now. */
export function reportOfDeath(
  last: FollowerReport | undefined,
  { reason, now, restartInMs }: DeathOfWorker,
): FollowerReport {
  const wasRetrying = last?.sync.state === 'retrying';
  return {
    ...(last ?? NOTHING_KNOWN),
    sync: syncState('retrying', wasRetrying ? last.sync.since : now, {
      snapshot: last?.sync.snapshot ?? null,
      next_attempt_at: Math.round(now + restartInMs),
      error: ERRORS[reason],
    }),
  };
}
