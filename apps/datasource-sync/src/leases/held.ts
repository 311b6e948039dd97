import type { Assignment } from '../work/assignment.js';
import { isSameWork } from './assignments.js';
import type { HeldRow } from './lease.repository.js';

/** A datasource that this process holds. */
export interface Held {
  readonly fence: number;
  /** Undefined where its credentials cannot be opened. */
  readonly assignment: Assignment | undefined;
  /** Its work is being ended, so that another process can take it. */
  readonly isLeaving: boolean;
}

export type RowListener = (row: HeldRow, assignment: Assignment | undefined) => void;

/** What this process holds, and those who listen to that. */
export class HeldMap {
  private readonly held = new Map<string, Held>();
  private readonly ended = new Set<string>();
  private readonly assignedListeners: ((assignment: Assignment) => void)[] = [];
  private readonly releasedListeners: ((id: string) => void)[] = [];
  private readonly rowListeners: RowListener[] = [];

  get size(): number {
    return this.held.size;
  }

  /** What is leaving has not all ended its work. */
  get isWorking(): boolean {
    return [...this.held.keys()].some((id) => !this.ended.has(id));
  }

  get(id: string): Held | undefined {
    return this.held.get(id);
  }

  onAssigned(listener: (assignment: Assignment) => void): void {
    this.assignedListeners.push(listener);
  }

  onReleased(listener: (id: string) => void): void {
    this.releasedListeners.push(listener);
  }

  onRow(listener: RowListener): void {
    this.rowListeners.push(listener);
  }

  ids(): string[] {
    return [...this.held.keys()];
  }

  /** The ids of those that stay here. */
  staying(): string[] {
    return [...this.held].filter(([, { isLeaving }]) => !isLeaving).map(([id]) => id);
  }

  assignments(): Assignment[] {
    return [...this.held.values()].flatMap(({ assignment, isLeaving }) =>
      assignment === undefined || isLeaving ? [] : [assignment],
    );
  }

  /** Those who listen for assignments are called where the work changes. */
  put(row: HeldRow, assignment: Assignment | undefined): void {
    const before = this.held.get(row.id);
    this.held.set(row.id, { fence: row.fence, assignment, isLeaving: false });
    if (assignment === undefined) {
      if (before?.assignment !== undefined) this.announceReleased(row.id);
    } else if (before?.assignment === undefined || !isSameWork(before.assignment, assignment))
      for (const listener of this.assignedListeners) listener(assignment);
    for (const listener of this.rowListeners) listener(row, assignment);
  }

  /** Ends the work on a datasource, if there is any. */
  leave(id: string): void {
    const held = this.held.get(id);
    if (held !== undefined) this.held.set(id, { ...held, isLeaving: true });
    if (held?.assignment === undefined) this.ended.add(id);
    else this.announceReleased(id);
  }

  /** The work on one that leaves has ended. */
  end(id: string): void {
    this.ended.add(id);
  }

  /** Those that left, until `remove`. */
  left(): string[] {
    return [...this.ended];
  }

  remove(id: string): void {
    this.ended.delete(id);
    this.held.delete(id);
  }

  /** One is not held any more, whether its work has ended or not. */
  drop(id: string): void {
    const held = this.held.get(id);
    this.remove(id);
    if (held?.assignment !== undefined && !held.isLeaving) this.announceReleased(id);
  }

  /** Nothing is held any more, whether its work has ended or not. */
  clear(): void {
    for (const id of this.ids()) this.drop(id);
    this.ended.clear();
  }

  private announceReleased(id: string): void {
    for (const listener of this.releasedListeners) listener(id);
  }
}
