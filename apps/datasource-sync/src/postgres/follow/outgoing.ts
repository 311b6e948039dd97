import type { Clock, JsonValue } from '@signalbox/platform';
import type { ChangeBatch, OutgoingChange } from '../../work/follower.js';

export interface OutgoingOptions {
  readonly clock: Clock;
  readonly publish: (batch: ChangeBatch) => Promise<void>;
  /** More is given than can be published: reading pauses. */
  readonly onFull: () => void;
  readonly onRoom: () => void;
  /** Some changes are published, and everything before them. */
  readonly onConfirmed?: () => void;
  /** What was marked is published, and everything before it. */
  readonly onPublished: (mark: Mark) => void;
  readonly onFailed: (error: unknown) => void;
}

/** A place in the changes up to which they belong together: the end of a transaction, or a row of a snapshot. */
export interface Mark {
  readonly lsn?: bigint;
  /** Unix ms of the newest change. */
  readonly at?: number;
  readonly position?: JsonValue;
}

const MOST_CHANGES = 500;
/** As bytes, with some letters that have two, they fit in one frame to the process that publishes, and all that is under way in its window. */
const MOST_CHARACTERS = 224 * 1_024;
const MOST_UNDER_WAY = 4;
/** For more of the same to come. */
const LINGER_MS = 2;

interface UnderWay {
  readonly mark: Mark | undefined;
  readonly count: number;
  isPublished: boolean;
}

/** Collects changes into batches, keeps few of them under way, and says in order what is published. */
export class Outgoing {
  /** Changes that were confirmed. */
  published = 0;
  private changes: OutgoingChange[] = [];
  private characters = 0;
  private mark: Mark | undefined;
  private readonly underWay: UnderWay[] = [];
  private isFull = false;
  private isEnded = false;
  private cancelLinger: (() => void) | undefined;
  private whenEmpty: (() => void)[] = [];

  constructor(private readonly options: OutgoingOptions) {}

  /** Nothing waits to be published or confirmed. */
  get isEmpty(): boolean {
    return this.changes.length === 0 && this.mark === undefined && this.underWay.length === 0;
  }

  add(change: OutgoingChange): void {
    if (this.isEnded) return;
    this.changes.push(change);
    this.characters += change.body.length;
    if (this.isDue) this.send();
  }

  markHere(mark: Mark): void {
    if (this.isEnded) return;
    // The end of a transaction without changes of ours does not say when the newest change was.
    this.mark = { ...this.mark, ...mark };
    this.cancelLinger ??= this.options.clock.schedule(LINGER_MS, () => {
      this.cancelLinger = undefined;
      this.send();
    });
  }

  /** Resolves when all that was added is confirmed. @throws never: see `onFailed` */
  async drained(): Promise<void> {
    this.send();
    if (!this.isEmpty && !this.isEnded) await new Promise<void>((resolve) => this.whenEmpty.push(resolve));
  }

  end(): void {
    this.isEnded = true;
    this.cancelLinger?.();
    this.changes = [];
    this.wakeWaiting();
  }

  private get isDue(): boolean {
    return this.changes.length >= MOST_CHANGES || this.characters >= MOST_CHARACTERS;
  }

  private send(): void {
    if (this.isEnded || (this.changes.length === 0 && this.mark === undefined)) return;
    if (this.underWay.length >= MOST_UNDER_WAY) {
      if (!this.isFull) this.options.onFull();
      this.isFull = true;
      return;
    }
    const { changes, mark } = this;
    this.changes = [];
    this.characters = 0;
    this.mark = undefined;
    const batch: UnderWay = { mark, count: changes.length, isPublished: false };
    this.underWay.push(batch);
    const position = mark?.position;
    if (changes.length === 0 && position === undefined) return this.confirm(batch);
    this.options.publish({ changes, ...(position !== undefined && { position }) }).then(
      () => this.confirm(batch),
      (error: unknown) => this.fail(error),
    );
  }

  /** Nothing that comes after a batch that failed may be published before it is sent again: consumers would see the former value last. */
  private fail(error: unknown): void {
    if (this.isEnded) return;
    this.end();
    this.options.onFailed(error);
  }

  private confirm(batch: UnderWay): void {
    batch.isPublished = true;
    if (this.isEnded) return;
    this.published += batch.count;
    let first = this.underWay[0];
    while (first?.isPublished) {
      this.underWay.shift();
      this.options.onConfirmed?.();
      if (first.mark) this.options.onPublished(first.mark);
      first = this.underWay[0];
    }
    if (this.isDue || this.isFull) this.send();
    if (this.isFull && this.underWay.length < MOST_UNDER_WAY) {
      this.isFull = false;
      this.options.onRoom();
    }
    if (this.isEmpty) this.wakeWaiting();
  }

  private wakeWaiting(): void {
    for (const resolve of this.whenEmpty.splice(0)) resolve();
  }
}
