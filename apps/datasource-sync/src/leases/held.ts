import type { DatasourceRow } from '../store/datasource.row.js';
import type { Assignment } from '../work/assignment.js';
import { isSameWork } from './assignments.js';

/** A datasource that this process holds. */
export interface Held {
  readonly fence: number;
  /** Undefined where its credentials cannot be opened. */
  readonly assignment: Assignment | undefined;
  /** Its work is being ended, so that another process can take it. */
  readonly isLeaving: boolean;
}

interface Listeners {
  readonly assigned: ((assignment: Assignment) => void)[];
  readonly released: ((id: string) => void)[];
}

/** What this process holds, and those who listen to that. */
export class HeldMap {
  private readonly held = new Map<string, Held>();
  private readonly listeners: Listeners = { assigned: [], released: [] };

  get size(): number {
    return this.held.size;
  }

  get(id: string): Held | undefined {
    return this.held.get(id);
  }

  onAssigned(listener: (assignment: Assignment) => void): void {
    this.listeners.assigned.push(listener);
  }

  onReleased(listener: (id: string) => void): void {
    this.listeners.released.push(listener);
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

  /** Listeners are called where the work changes. */
  put({ id, fence }: Pick<DatasourceRow, 'id' | 'fence'>, assignment: Assignment | undefined): void {
    const before = this.held.get(id);
    this.held.set(id, { fence, assignment, isLeaving: false });
    if (assignment === undefined) {
      if (before?.assignment !== undefined) this.announceReleased(id);
    } else if (before?.assignment === undefined || !isSameWork(before.assignment, assignment))
      for (const listener of this.listeners.assigned) listener(assignment);
  }

  /** The work on it is to end. @returns false where there is none that could be waited for */
  leave(id: string): boolean {
    const held = this.held.get(id);
    if (held === undefined) return false;
    this.held.set(id, { ...held, isLeaving: true });
    if (held.assignment === undefined) return false;
    this.announceReleased(id);
    return true;
  }

  remove(id: string): void {
    this.held.delete(id);
  }

  /** Nothing is held any more, whether its work has ended or not. */
  clear(): void {
    const working = [...this.held].filter(([, { assignment, isLeaving }]) => assignment !== undefined && !isLeaving);
    this.held.clear();
    for (const [id] of working) this.announceReleased(id);
  }

  private announceReleased(id: string): void {
    for (const listener of this.listeners.released) listener(id);
  }
}
