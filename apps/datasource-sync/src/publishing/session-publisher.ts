import { exchanges } from '@signalbox/contracts/messages';
import type { BatchPublisher } from '@signalbox/messaging';
import type { JsonValue, Logger } from '@signalbox/platform';
import type { Assignment } from '../work/assignment.js';
import type { HeldDatasources } from '../work/held-datasources.js';
import type { PublishRefusal } from '../work/publish-refused.js';
import type { Records } from '../work/records.js';
import { WINDOW, type BatchMessage } from '../worker/protocol.js';
import type { PublishingMetrics } from './publishing.metrics.js';
import { Misbehaved, unpackChanges } from './unpack.rules.js';

export interface SessionPublisherOptions {
  readonly assignment: Assignment;
  readonly publisher: BatchPublisher;
  readonly held: Pick<HeldDatasources, 'isHeld'>;
  readonly records: Pick<Records, 'savePosition'>;
  readonly metrics: PublishingMetrics;
  readonly logger: Logger;
  readonly onPublished: (batches: number) => void;
  readonly onRefused: (run: number, code: PublishRefusal) => void;
  /** Where the work begins again. */
  readonly onSaved: (position: JsonValue) => void;
}

interface Entry {
  readonly position: { readonly value: JsonValue } | undefined;
  readonly bytes: number;
  isConfirmed: boolean;
}

/**
 * Publishes the batches of one session in their order. A position is stored when the broker has confirmed all up to it, and the worker
 * learns of it after that. What fails refuses everything behind it too: a later position would skip it.
 */
export class SessionPublisher {
  private run = 0;
  private entries: Entry[] = [];
  private bytes = 0;
  private hasFailed = false;
  private saving = false;
  private readonly underWay = new Set<Promise<void>>();

  constructor(private readonly options: SessionPublisherOptions) {}

  /** @throws Misbehaved where the worker does not keep to the window, or to the form of a batch */
  add(batch: BatchMessage, bytes: Buffer): void {
    if (batch.run > this.run) {
      if (!this.hasFailed) throw new Misbehaved('a run begins although nothing was refused');
      this.run = batch.run;
      this.hasFailed = false;
    }
    // Sent before the worker knew that its run is refused.
    if (batch.run < this.run || this.hasFailed) return;
    const { id, fence, connection } = this.options.assignment;
    const messages = unpackChanges(id, batch, bytes);
    if (this.entries.length >= WINDOW.batches || (this.entries.length > 0 && this.bytes + bytes.length > WINDOW.bytes))
      throw new Misbehaved('more batches than the window allows');
    const position = batch.position === undefined ? undefined : { value: batch.position };
    const entry: Entry = { position, bytes: bytes.length, isConfirmed: false };
    this.entries.push(entry);
    this.bytes += bytes.length;
    if (!this.options.held.isHeld(id, fence)) return this.fail('not_held', undefined);
    const startedAt = performance.now();
    this.follow(
      this.options.publisher.publishAll(exchanges.changes.name, messages).then(
        () => {
          this.options.metrics.published(connection, messages.length, performance.now() - startedAt);
          entry.isConfirmed = true;
          if (this.entries.includes(entry)) this.advance();
        },
        (error: unknown) => {
          if (this.entries.includes(entry)) this.fail('broker', error);
        },
      ),
    );
  }

  /** Resolves when nothing is being published or stored. */
  async idle(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  private advance(): void {
    if (this.saving) return;
    const first = this.entries.findIndex(({ isConfirmed }) => !isConfirmed);
    const confirmed = this.entries.slice(0, first === -1 ? undefined : first);
    if (confirmed.length === 0) return;
    const position = confirmed.findLast((entry) => entry.position !== undefined)?.position;
    if (position === undefined) return this.settle(confirmed);
    this.saving = true;
    this.follow(this.save(confirmed, position.value));
  }

  /** Of what was confirmed in the meantime only the newest position is stored. */
  private async save(confirmed: readonly Entry[], position: JsonValue): Promise<void> {
    const { assignment, held, records, onSaved } = this.options;
    const { id, fence, generation } = assignment;
    try {
      if (!held.isHeld(id, fence)) return this.fail('not_held', undefined);
      await records.savePosition({ id, fence, generation, position });
      onSaved(position);
      if (this.entries[0] === confirmed[0]) this.settle(confirmed);
    } catch (error) {
      this.fail(held.isHeld(id, fence) ? 'store' : 'not_held', error);
    } finally {
      this.saving = false;
    }
    this.advance();
  }

  private settle(entries: readonly Entry[]): void {
    this.entries = this.entries.slice(entries.length);
    for (const { bytes } of entries) this.bytes -= bytes;
    this.options.onPublished(entries.length);
  }

  private fail(code: PublishRefusal, err: unknown): void {
    if (this.hasFailed) return;
    const { assignment, logger, metrics, onRefused } = this.options;
    logger.warn({ datasource: assignment.id, code, ...(err !== undefined && { err }) }, 'changes were not published');
    metrics.refused(code);
    this.hasFailed = true;
    this.entries = [];
    this.bytes = 0;
    onRefused(this.run, code);
  }

  private follow(work: Promise<void>): void {
    this.underWay.add(work);
    void work.finally(() => this.underWay.delete(work));
  }
}
