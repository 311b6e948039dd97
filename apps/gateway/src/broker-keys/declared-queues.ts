import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, LOGGER, SparseLog, type Clock, type Logger } from '@signalbox/platform';

/** As many as one key may have readers, by default. */
const MOST_PER_KEY = 10_000;
/** After so long without use the broker deletes the control queue of a reader. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1_000;

/** Bounds the queues that one key declares: RabbitMQ has no limit for a user. Counted since this gateway started, by name. */
@Injectable()
export class DeclaredQueues {
  /** Of each key the names that it asked for, with the time, monotonic ms. */
  private readonly declared = new Map<string, Map<string, number>>();
  private readonly sparse: SparseLog;

  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.sparse = new SparseLog(clock);
  }

  /** Whether the key may declare, or delete, a queue of this name that is its own. */
  admit(keyId: string, name: string): boolean {
    const names = this.declared.get(keyId) ?? new Map<string, number>();
    this.declared.set(keyId, names);
    const now = this.clock.monotonic();
    if (!names.has(name) && names.size >= MOST_PER_KEY) this.dropOld(names, now);
    if (!names.has(name) && names.size >= MOST_PER_KEY) {
      const count = this.sparse.due(keyId);
      if (count !== undefined)
        this.logger.warn(
          { key_id: keyId, count, most: MOST_PER_KEY },
          'key declares too many queues; further ones are refused',
        );
      return false;
    }
    // Behind the others: they are in the order of their last use.
    names.delete(name);
    names.set(name, now);
    return true;
  }

  private dropOld(names: Map<string, number>, now: number): void {
    for (const [name, usedAt] of names) {
      if (now - usedAt < KEPT_MS) return;
      names.delete(name);
    }
  }
}
