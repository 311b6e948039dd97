import type { ChangeBatch } from '../work/follower.js';
import { PublishRefused, type PublishRefusal } from '../work/publish-refused.js';
import { packChanges } from './pack-changes.js';
import { WINDOW, type BatchMessage } from './protocol.js';

interface Entry {
  readonly message: Omit<BatchMessage, 'session' | 'run'>;
  readonly bytes: Buffer;
  /** Of the last part of what was given to `publish`. */
  readonly resolve: (() => void) | undefined;
  readonly reject: (error: PublishRefused) => void;
}

/** Sends the changes of one session to the process that publishes, in order, a window at a time. */
export class Outbox {
  private run = 0;
  private waiting: Entry[] = [];
  private sent: Entry[] = [];
  private sentBytes = 0;
  /** Why nothing is taken now: at the end, and until a follower has seen that a batch of it was refused. */
  private refusing: PublishRefusal | undefined;
  private isClosed = false;

  constructor(private readonly send: (message: Omit<BatchMessage, 'session'>, bytes: Buffer) => void) {}

  /** @throws PublishRefused */
  async publish({ changes, position }: ChangeBatch): Promise<void> {
    if (this.refusing !== undefined) throw new PublishRefused(this.refusing);
    const packs = packChanges(changes);
    await new Promise<void>((resolve, reject) => {
      packs.forEach(({ bytes, ...pack }, index) => {
        const isLast = index === packs.length - 1;
        const message = {
          type: 'batch' as const,
          ...pack,
          ...(isLast && position !== undefined && { position }),
        };
        this.waiting.push({ message, bytes, resolve: isLast ? resolve : undefined, reject });
      });
      this.fill();
    });
  }

  published(batches: number): void {
    for (const { bytes, resolve } of this.sent.splice(0, batches)) {
      this.sentBytes -= bytes.length;
      resolve?.();
    }
    this.fill();
  }

  refused(run: number, code: PublishRefusal): void {
    if (run !== this.run || this.refusing !== undefined) return;
    this.refuseAll(code);
    // All that a follower does at once with the refusal is done then. What it publishes from now on is a new run.
    setImmediate(() => {
      if (this.isClosed) return;
      this.refusing = undefined;
      this.run += 1;
    });
  }

  /** Refuses what waits and all that still comes. */
  close(): void {
    this.isClosed = true;
    this.refuseAll('not_held');
  }

  private refuseAll(code: PublishRefusal): void {
    this.refusing = code;
    const error = new PublishRefused(code);
    for (const { reject } of [...this.sent, ...this.waiting]) reject(error);
    this.sent = [];
    this.waiting = [];
    this.sentBytes = 0;
  }

  private fill(): void {
    while (this.waiting.length > 0 && this.hasRoom(this.waiting[0]!)) {
      const entry = this.waiting.shift()!;
      this.sent.push(entry);
      this.sentBytes += entry.bytes.length;
      this.send({ ...entry.message, run: this.run }, entry.bytes);
    }
  }

  private hasRoom({ bytes }: Entry): boolean {
    if (this.sent.length === 0) return true;
    return this.sent.length < WINDOW.batches && this.sentBytes + bytes.length <= WINDOW.bytes;
  }
}
