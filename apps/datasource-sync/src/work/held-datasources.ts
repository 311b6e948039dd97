import type { Assignment } from './assignment.js';

/** Injection token of the `HeldDatasources` of this process. */
export const HELD_DATASOURCES = Symbol('HeldDatasources');

/** The datasources that this process holds the leases of. A listener is called in the order of events and must not throw. */
export interface HeldDatasources {
  /** What is to be done for a datasource now. It replaces the assignment that was given for the same id before. */
  onAssigned(listener: (assignment: Assignment) => void): void;
  /** The datasource is to be left alone: its work is to be ended, and `Records.released` called when nothing is under way any more. */
  onReleased(listener: (id: string) => void): void;
  /** The assignments that were given and are not replaced or taken back. */
  current(): readonly Assignment[];
  /** False as soon as another process may have taken the datasource over. Nothing is to be published then. */
  isHeld(id: string, fence: number): boolean;
}
