import { Inject, Injectable } from '@nestjs/common';
import { Database, isUnavailable } from '@signalbox/persistence';
import { CLOCK, settlesWithin, type Clock } from '@signalbox/platform';
import type { Caller, CallerSource } from '../http/caller.js';
import { ApiError } from '../http/errors/api-error.js';
import { AccessAge } from './access-age.js';

/** How long the database may take to say whether a credential is valid. */
const PATIENCE_MS = 2_000;

/** For so long a credential that the database has confirmed is not asked about again, for reads. */
const READ_CONFIRMED_MS = 10_000;

/** Made once: a process must not be kept busy with errors while its lines are cut. */
const UNVERIFIED = new ApiError({
  status: 503,
  code: 'access_unverified',
  detail:
    'Neither the database nor the broker can say whether this credential is still valid, so nothing was done. Status can be read from memory for a limited time.',
  suggestion: 'Try again in a moment.',
  headers: { 'retry-after': '5' },
});

/** Asks the database whether the credential of a caller is still valid: memory may not know of a revocation yet. */
@Injectable()
export class Confirmation {
  /** When the database was asked last about a caller and confirmed it, ms of the monotonic clock. */
  private readonly confirmedAt = new WeakMap<Caller, number>();

  constructor(
    private readonly age: AccessAge,
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Refuses what could not be confirmed, before anything else is done for it.
   * @throws ApiError 503
   */
  demandPossible(isChange: boolean): void {
    const isEnough = isChange ? this.age.isCurrent : !this.age.isBeyondLimit;
    if (!isEnough && !this.isDatabaseUp) throw UNVERIFIED;
  }

  /**
   * Before each change. Where the database does not answer, memory decides while it is current.
   * @throws ApiError 401 where it is not valid, 503 where it cannot be known
   */
  async ofChange(source: CallerSource, caller: Caller): Promise<void> {
    if (!(await this.ask(source, caller)) && !this.age.isCurrent) throw UNVERIFIED;
  }

  /**
   * Before a read while memory is too old.
   * @throws ApiError 401 where it is not valid, 503 where it cannot be known
   */
  async ofRead(source: CallerSource, caller: Caller): Promise<void> {
    const now = this.clock.monotonic();
    const confirmedAt = this.confirmedAt.get(caller);
    if (confirmedAt !== undefined && now - confirmedAt <= READ_CONFIRMED_MS) return;
    if (!(await this.ask(source, caller))) throw UNVERIFIED;
    this.confirmedAt.set(caller, now);
  }

  /** Returns false where the database does not answer. @throws ApiError 401 */
  private async ask(source: CallerSource, caller: Caller): Promise<boolean> {
    if (!this.isDatabaseUp) return false;
    const asked = source.confirm(caller);
    if (!(await settlesWithin({ clock: this.clock, ms: PATIENCE_MS }, asked))) return false;
    try {
      await asked;
      return true;
    } catch (error) {
      if (isUnavailable(error)) return false;
      throw error;
    }
  }

  /** What is known not to answer is not waited for. */
  private get isDatabaseUp(): boolean {
    return this.database.status().up;
  }
}
