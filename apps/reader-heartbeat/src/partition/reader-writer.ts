import { every, type Clock, type Logger } from '@signalbox/platform';
import { placesOf } from '../liveness/places-of.rules.js';
import type { Reader } from '../liveness/reader.js';
import type { ReaderTable } from '../liveness/reader-table.rules.js';
import type { Transition } from '../liveness/transition.js';
import type { ReaderRepository } from './persistence/reader.repository.js';
import { RenewalRounds, type KnownReaders } from './renewal-rounds.rules.js';
import { storeConfigs } from './unstored-configs.js';

/** How often receive times are written: those of some readers, so that all have had their turn after a round. */
const RENEWALS_EVERY_MS = 1_000;
const RETRY_MS = 2_000;
/** Of each kind in one statement; a long description counts as several. One of 100,000 rows took longer than a statement may, and the next was larger. */
const MOST_ROWS = 2_000;
/** That wait for the database, about 20 MiB of them; beyond it the oldest are lost. */
const MOST_TRANSITIONS = 100_000;
/** How long receive times may be written when the process ends. */
const LAST_RENEWALS_MS = 3_000;

export interface ReaderWriterOptions {
  readonly partition: number;
  readonly epoch: number;
  readonly repository: Pick<ReaderRepository, 'write' | 'renew' | 'saveConfigs'>;
  /** All readers of the partition. */
  readonly readers: KnownReaders & Pick<ReaderTable, 'get'>;
  /** Transitions were written. */
  readonly onTransitions: (transitions: readonly Transition[]) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Writes the readers in memory to the database, asynchronously: no heartbeat waits for it. Changes are written at once, receive times
 * once a minute. What could not be written is written later, in its latest state. It runs one statement of bounded size at a time, so that
 * an earlier state never overwrites a later one.
 */
export class ReaderWriter {
  private readonly unsaved = new Map<string, Reader>();
  private readonly unforgotten = new Set<string>();
  private transitions: Transition[] = [];
  /** Ids of readers whose configuration is to be stored, and nothing else. */
  private readonly configured = new Set<string>();
  private readonly rounds: RenewalRounds;
  /** Ids of readers whose receive times are to be written. */
  private renewals: string[] = [];
  private readonly stopRenewals: () => void;
  private cancel: (() => void) | undefined;
  private writing: Promise<void> | undefined;
  private hasFailed = false;
  private isClosed = false;

  constructor(private readonly options: ReaderWriterOptions) {
    const { clock, readers } = options;
    this.rounds = new RenewalRounds(readers, clock.monotonic());
    this.stopRenewals = every({ clock, ms: RENEWALS_EVERY_MS }, () => this.renew());
  }

  /** A heartbeat of the reader was received, and nothing changed that is shown. */
  renewed(reader: Reader): void {
    if (reader.unstoredConfig === undefined) return;
    this.configured.add(reader.readerId);
    this.wake();
  }

  /** Writes readers and the steps in their history at once, and deletes those that are forgotten. */
  changed(readers: Iterable<Reader>, forgotten: readonly Reader[], transitions: readonly Transition[]): void {
    for (const reader of readers) {
      this.unsaved.set(reader.readerId, reader);
      this.unforgotten.delete(reader.readerId);
    }
    for (const transition of transitions) this.transitions.push(transition);
    for (const { readerId } of forgotten) {
      this.unsaved.delete(readerId);
      this.unforgotten.add(readerId);
    }
    this.wake();
  }

  /**
   * Writes what is left, until a statement fails: if the database is unavailable, that is lost.
   * @param withReceiveTimes also those of the present round, for some seconds: the next owner then shows them as they were shown
   */
  async close({ withReceiveTimes }: { withReceiveTimes: boolean }): Promise<void> {
    this.isClosed = true;
    this.stopRenewals();
    this.cancel?.();
    await this.writing;
    this.hasFailed = false;
    while (this.hasChanges && !this.hasFailed) await this.writeSome();
    if (withReceiveTimes && !this.hasFailed) await this.writeReceiveTimes();
  }

  /** While those before wait for the database, there are no further ones. */
  private renew(): void {
    if (this.renewals.length > 0) return;
    const { clock } = this.options;
    this.renewals = this.rounds.next(RENEWALS_EVERY_MS, clock.monotonic()).map(({ readerId }) => readerId);
    if (this.renewals.length > 0) this.wake();
  }

  private get hasChanges(): boolean {
    return this.unsaved.size + this.unforgotten.size + this.transitions.length + this.configured.size > 0;
  }

  /** Writes soon; after a failure later. */
  private wake(): void {
    if (this.isClosed || this.writing !== undefined || this.cancel !== undefined) return;
    this.cancel = this.options.clock.schedule(this.hasFailed ? RETRY_MS : 0, () => {
      this.cancel = undefined;
      this.writing = this.writeSome().finally(() => {
        this.writing = undefined;
        if (this.hasChanges || this.renewals.length > 0) this.wake();
      });
    });
  }

  private async writeSome(): Promise<void> {
    const level = this.hasFailed ? 'debug' : 'warn';
    this.hasFailed = false;
    try {
      if (this.hasChanges) await this.writeChanges();
      else await this.writeRenewals();
    } catch (error) {
      this.hasFailed = true;
      this.options.logger[level]({ err: error, partition: this.options.partition }, 'readers not saved; retrying');
    }
  }

  private async writeChanges(): Promise<void> {
    const { partition, epoch, repository } = this.options;
    const readers = first(this.unsaved.values(), ({ profile }) => placesOf(profile));
    const forgotten = first(this.unforgotten);
    const transitions = this.transitions.splice(0, MOST_ROWS);
    const configured = first(this.configured);
    for (const { readerId } of readers) this.unsaved.delete(readerId);
    for (const readerId of forgotten) this.unforgotten.delete(readerId);
    for (const readerId of configured) this.configured.delete(readerId);
    try {
      if (readers.length + forgotten.length + transitions.length > 0)
        await repository.write(partition, epoch, { readers, forgotten, transitions });
      if (transitions.length > 0) this.options.onTransitions(transitions);
      // That of a reader whose row is still to be written is stored after its row.
      const others = this.known(configured).filter(({ readerId }) => !this.unsaved.has(readerId));
      await storeConfigs([...readers, ...others], this.options);
    } catch (error) {
      this.putBack(readers, forgotten);
      for (const readerId of configured) this.configured.add(readerId);
      // Those that were written all the same are the same rows.
      this.transitions = [...transitions, ...this.transitions].slice(-MOST_TRANSITIONS);
      throw error;
    }
  }

  private async writeRenewals(): Promise<void> {
    const { partition, epoch, repository } = this.options;
    const some = this.renewals.slice(0, MOST_ROWS);
    const readers = this.known(some);
    if (readers.length > 0) await repository.renew(partition, epoch, readers);
    this.renewals = this.renewals.slice(some.length);
  }

  private async writeReceiveTimes(): Promise<void> {
    const { partition, epoch, repository, clock, logger } = this.options;
    const endsAt = clock.monotonic() + LAST_RENEWALS_MS;
    try {
      for (const some of this.rounds.rest(MOST_ROWS)) {
        const written = await repository.renew(partition, epoch, some);
        // None: the partition has its next owner.
        if (written === 0 || clock.monotonic() >= endsAt) return;
      }
    } catch (error) {
      logger.debug({ err: error }, 'receive times not saved at the end');
    }
  }

  /** As they are now: an incarnation may have been replaced, and a reader forgotten. */
  private known(readerIds: readonly string[]): Reader[] {
    return readerIds.flatMap((readerId) => this.options.readers.get(readerId) ?? []);
  }

  /** Queues again what was not written, except where a later change is queued already. */
  private putBack(readers: readonly Reader[], forgotten: readonly string[]): void {
    for (const reader of readers) {
      if (!this.unsaved.has(reader.readerId) && !this.unforgotten.has(reader.readerId))
        this.unsaved.set(reader.readerId, reader);
    }
    for (const readerId of forgotten) {
      if (!this.unsaved.has(readerId)) this.unforgotten.add(readerId);
    }
  }
}

/** As many as one statement may have. @param sizeOf as how many rows an item counts */
function first<Item>(items: Iterable<Item>, sizeOf: (item: Item) => number = () => 1): Item[] {
  const some: Item[] = [];
  let rows = 0;
  for (const item of items) {
    rows += sizeOf(item);
    if (rows > MOST_ROWS && some.length > 0) break;
    some.push(item);
  }
  return some;
}
