import type { Clock, Logger } from '@signalbox/platform';
import type { Reader } from '../liveness/reader.js';
import type { Transition } from '../liveness/transition.js';
import type { ReaderRepository } from './persistence/reader.repository.js';
import { storeConfigs } from './unstored-configs.js';

/** How often receive times are written, in one statement. Changes of state are written at once. */
const BATCH_INTERVAL_MS = 1_000;
const RETRY_MS = 2_000;
/** That wait for the database, about 20 MiB of them; beyond it the oldest are lost. */
const MOST_TRANSITIONS = 100_000;

export interface ReaderWriterOptions {
  readonly partition: number;
  readonly epoch: number;
  readonly repository: Pick<ReaderRepository, 'write' | 'saveConfigs'>;
  /** Transitions were written. */
  readonly onTransitions: (transitions: readonly Transition[]) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Writes the readers in memory to the database, asynchronously: no heartbeat waits for it. What could not be written is written
 * later, in its latest state. It runs one statement at a time, so that an earlier state never overwrites a later one.
 */
export class ReaderWriter {
  private readonly unsaved = new Map<string, Reader>();
  private readonly unforgotten = new Set<string>();
  private transitions: Transition[] = [];
  private cancel: (() => void) | undefined;
  private dueAt = Infinity;
  /** A change of state is not written yet. */
  private urgent = false;
  private writing: Promise<void> | undefined;

  constructor(private readonly options: ReaderWriterOptions) {}

  /** Queues readers for the next batch. */
  renewed(readers: Iterable<Reader>): void {
    this.note(readers);
    this.wake(BATCH_INTERVAL_MS);
  }

  /** Writes readers and the steps in their history at once, and deletes those that are forgotten. */
  changed(readers: Iterable<Reader>, forgotten: readonly Reader[], transitions: readonly Transition[]): void {
    this.note(readers);
    for (const transition of transitions) this.transitions.push(transition);
    for (const { readerId } of forgotten) {
      this.unsaved.delete(readerId);
      this.unforgotten.add(readerId);
    }
    this.urgent = true;
    this.wake(0);
  }

  /** Writes what is left, once: if the database is unavailable, that is lost. */
  async close(): Promise<void> {
    this.cancel?.();
    await this.writing;
    if (!this.idle()) await this.write();
    this.cancel?.();
  }

  private note(readers: Iterable<Reader>): void {
    for (const reader of readers) {
      this.unsaved.set(reader.readerId, reader);
      this.unforgotten.delete(reader.readerId);
    }
  }

  private idle(): boolean {
    return this.unsaved.size === 0 && this.unforgotten.size === 0 && this.transitions.length === 0;
  }

  private wake(delayMs: number): void {
    const at = this.options.clock.monotonic() + delayMs;
    if (this.writing !== undefined || at >= this.dueAt) return;
    this.cancel?.();
    this.dueAt = at;
    this.cancel = this.options.clock.schedule(delayMs, () => void this.write());
  }

  private async write(): Promise<void> {
    this.dueAt = Infinity;
    this.writing = this.writeNow();
    await this.writing;
  }

  private async writeNow(): Promise<void> {
    const { partition, epoch, repository, logger } = this.options;
    const saving = [...this.unsaved.values()];
    const forgetting = [...this.unforgotten];
    const { transitions } = this;
    this.unsaved.clear();
    this.unforgotten.clear();
    this.transitions = [];
    this.urgent = false;
    let failed = false;
    try {
      await repository.write(partition, epoch, { readers: saving, forgotten: forgetting, transitions });
      if (transitions.length > 0) this.options.onTransitions(transitions);
      await storeConfigs(saving, this.options);
    } catch (error) {
      logger.warn({ err: error, readers: saving.length }, 'readers not saved; retrying');
      this.putBack(saving, forgetting);
      // Those that were written all the same are the same rows.
      this.transitions = [...transitions, ...this.transitions].slice(-MOST_TRANSITIONS);
      failed = true;
    }
    this.writing = undefined;
    if (!this.idle()) this.wake(failed ? RETRY_MS : this.urgent ? 0 : BATCH_INTERVAL_MS);
  }

  /** Queues again what was not written, except where a later change is queued already. */
  private putBack(saving: readonly Reader[], forgetting: readonly string[]): void {
    for (const reader of saving) {
      if (!this.unsaved.has(reader.readerId) && !this.unforgotten.has(reader.readerId))
        this.unsaved.set(reader.readerId, reader);
    }
    for (const readerId of forgetting) {
      if (!this.unsaved.has(readerId)) this.unforgotten.add(readerId);
    }
  }
}
