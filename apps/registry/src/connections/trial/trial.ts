import type { TargetRules } from '@signalbox/network-policy';

/** The bounds of each attempt to connect. */
export interface Trial {
  /** Aborted when the time is up. */
  readonly signal: AbortSignal;
  /** Targets that it may connect to. */
  readonly rules: TargetRules;
}
