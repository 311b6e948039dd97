import type { ComponentName, ComponentStatus } from './components.js';
import type { StatusFacts } from './status-facts.js';

/** One thing that was seen, and what it was compared with. */
export interface Evidence {
  readonly what: string;
  readonly value: string | number | boolean | null;
  readonly threshold?: string | number;
  /** Unix ms; null: it was never seen. */
  readonly observed_at: number | null;
  /** Where it was seen: a state stream, or a check of this process. */
  readonly source: string;
}

export interface Finding {
  /** One sentence for people. */
  readonly sentence: string;
  /** At least one. */
  readonly evidence: readonly Evidence[];
}

/** One way in which a component is not operational. */
export interface Rule {
  /** `<component>.<what>`; stays the same over releases. */
  readonly id: string;
  readonly component: ComponentName;
  readonly status: Exclude<ComponentStatus, 'operational'>;
  /** When it applies, for the table of rules. */
  readonly when: string;
  /** What a person can do. */
  readonly remedy: string;
  /** Rules that explain this one where they apply too: then it is an effect, and they are the cause. */
  readonly explainedBy?: readonly string[];
  /** Undefined where the rule does not apply. */
  readonly find: (facts: StatusFacts) => Finding | undefined;
}
