import type { TargetRules } from '@signalbox/network-policy';

/** What each attempt to connect is bound by. */
export interface Trial {
  /** Aborted when the time is up. */
  readonly signal: AbortSignal;
  /** Where it may connect to. */
  readonly rules: TargetRules;
}
