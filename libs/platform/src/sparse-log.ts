import type { Clock } from './clock.js';

const EVERY_MS = 60_000;
/** Names of kinds may come from outside. Those beyond are counted as one. */
const MOST_KINDS = 1_000;
const OTHERS = '';

/** For log lines about what may happen very often: the first of a kind is logged at once, then at most one a minute, with how many there were. */
export class SparseLog {
  private readonly kinds = new Map<string, { loggedAt: number; count: number }>();

  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  /** Adds `count` of a kind. @returns how many there were since the last line, where a line is due now; undefined where none is */
  due(kind: string, count = 1): number | undefined {
    const state = this.stateOf(kind);
    state.count += count;
    const now = this.clock.monotonic();
    if (now - state.loggedAt < EVERY_MS) return undefined;
    const { count: sum } = state;
    Object.assign(state, { loggedAt: now, count: 0 });
    return sum;
  }

  private stateOf(kind: string): { loggedAt: number; count: number } {
    const known = this.kinds.get(kind);
    if (known !== undefined) return known;
    if (kind !== OTHERS && this.kinds.size >= MOST_KINDS) return this.stateOf(OTHERS);
    const made = { loggedAt: -Infinity, count: 0 };
    this.kinds.set(kind, made);
    return made;
  }
}
