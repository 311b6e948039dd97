import type { ComponentName, ComponentStatus, OverallStatus } from './components.js';
import type { Finding } from './rule.js';

/** Which rule of which component. */
export interface RuleReference {
  readonly component: ComponentName;
  readonly rule: string;
}

/** A rule that applies, with what was seen. */
export interface Reason extends Finding {
  readonly rule: string;
  readonly status: Exclude<ComponentStatus, 'operational'>;
  /** The cause, where this is the effect of another component's trouble or of an earlier reason. */
  readonly affected_by?: RuleReference;
}

export interface ComponentReport {
  readonly component: ComponentName;
  readonly status: ComponentStatus;
  /** The worst first; empty when it is operational. */
  readonly reasons: readonly Reason[];
  /** Unix ms of the oldest thing that the status follows from; null: something was never received. */
  readonly observed_at: number | null;
  /** Ms since then. */
  readonly age_ms: number | null;
  /** Whether that is too old, or incomplete. Then the status is not operational. */
  readonly stale: boolean;
  /** The active notice that keeps it from counting as unavailable. */
  readonly notice_id?: string;
}

/** A reason that no other explains, with what it explains. */
export interface Cause extends RuleReference {
  readonly sentence: string;
  readonly effects: readonly RuleReference[];
}

export interface StatusReport {
  readonly status: OverallStatus;
  /** Unix ms at which the facts were put together. */
  readonly at: number;
  /** In the order of `componentNames`. */
  readonly components: readonly ComponentReport[];
  /** The worst first; empty when everything is operational. */
  readonly causes: readonly Cause[];
}
