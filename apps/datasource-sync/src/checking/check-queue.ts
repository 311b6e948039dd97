import type { DatasourceRow } from '../store/datasource.row.js';

/** `checking`: a caller waits for it. */
export type DueCheck = Pick<DatasourceRow, 'id' | 'account' | 'checking'>;

/** At once. */
const PLACES = 32;
/** Checks again may take so many of them: what is silent holds its place until a deadline. */
const PLACES_AGAIN = 8;
/** A caller of another account finds a place. */
const PLACES_OF_ACCOUNT = 16;

/** The checks of one kind of source that are due: those that a caller waits for come first, and accounts take turns. */
export class CheckQueue<Check extends DueCheck> {
  private readonly running = new Map<string, Check>();
  /** By account and datasource; the account whose turn is next comes first. */
  private readonly asked = new Map<string, Map<string, Check>>();
  private readonly again = new Map<string, Map<string, Check>>();

  /** Replaces one of the same datasource. */
  add(check: Check): void {
    this.remove(check);
    const queue = check.checking ? this.asked : this.again;
    const own = queue.get(check.account) ?? new Map<string, Check>();
    queue.set(check.account, own.set(check.id, check));
  }

  /** It is not due any more. One that runs goes on. */
  remove({ id, account }: Pick<Check, 'id' | 'account'>): void {
    for (const queue of [this.asked, this.again]) {
      const own = queue.get(account);
      if (own?.delete(id) && own.size === 0) queue.delete(account);
    }
  }

  /** Takes the check that is to begin now, which then runs until `ended`; undefined: none. A datasource has one at a time. */
  next(): Check | undefined {
    if (this.running.size >= PLACES) return undefined;
    const isRoomAgain = this.count(({ checking }) => !checking) < PLACES_AGAIN;
    return this.take(this.asked) ?? (isRoomAgain ? this.take(this.again) : undefined);
  }

  ended(id: string): void {
    this.running.delete(id);
  }

  private take(queue: Map<string, Map<string, Check>>): Check | undefined {
    for (const [account, own] of queue) {
      if (this.count((each) => each.account === account) >= PLACES_OF_ACCOUNT) continue;
      const check = [...own.values()].find(({ id }) => !this.running.has(id));
      if (check === undefined) continue;
      this.running.set(check.id, check);
      own.delete(check.id);
      queue.delete(account);
      if (own.size > 0) queue.set(account, own);
      return check;
    }
    return undefined;
  }

  private count(isCounted: (check: Check) => boolean): number {
    return [...this.running.values()].filter(isCounted).length;
  }
}
