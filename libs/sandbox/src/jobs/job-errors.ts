import type { DeathReason } from '../death.rules.js';

/** There are as many jobs as may run and wait, in all or of this caller. Nothing was begun. */
export class PoolBusy extends Error {
  override readonly name = 'PoolBusy';

  /** @param of whether this caller has too many of them, or all together */
  constructor(readonly of: 'caller' | 'all') {
    super(of === 'caller' ? 'the caller has as many jobs as it may have' : 'there are as many jobs as there may be');
  }
}

/** The process of a job ended before it had an answer, or was ended. */
export class JobDied extends Error {
  override readonly name = 'JobDied';

  constructor(
    readonly reason: DeathReason,
    /** What the program said last, where it could say something: it may quote what the stranger sent. */
    readonly detail: string | undefined,
  ) {
    super(`the process of the job ended (${reason})${detail === undefined ? '' : `: ${detail}`}`);
  }
}
