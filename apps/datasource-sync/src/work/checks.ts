import type { Assignment } from './assignment.js';
import type { CheckResult } from './follower.js';

/** Injection token of the `Checks` of this process. */
export const CHECKS = Symbol('Checks');

/** Runs checks of sources where a stranger's server can harm only the check. */
export interface Checks {
  /**
   * @throws Error where the check could not be run to its end (its worker died, too many checks wait): it says nothing about the source
   */
  check(assignment: Assignment): Promise<CheckResult>;
}
