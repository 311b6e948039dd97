import type { SnapshotPage, SnapshotRequest } from '@signalbox/contracts/streams';
import { LoopTurns, type Clock } from '@signalbox/platform';
import { SnapshotPages, type SnapshotRefusal, type SnapshotSource } from '../core/snapshot-pages.js';

/** Of measuring the entries of a copy. */
const SLICE_MS = 3;

type Answer = SnapshotPage | SnapshotRefusal;

/** Answers requests for an owner's snapshot, so that its other work waits for one page at most. */
export class SnapshotAnswers {
  private readonly pages: SnapshotPages;
  private lastOpening: Promise<unknown> = Promise.resolve();
  private readonly turns = new LoopTurns();

  constructor(
    owner: SnapshotSource,
    private readonly clock: Clock,
  ) {
    this.pages = new SnapshotPages(owner, { now: () => clock.monotonic() });
  }

  /** Copies are opened one after the other: those that wait meanwhile share the next one. */
  answer(request: SnapshotRequest): Promise<Answer> {
    const answering = this.pages.answer(request, this.clock.monotonic());
    if (request.snapshot_id !== undefined) return this.finish(answering);
    const opening = this.lastOpening.then(() => this.finish(answering));
    this.lastOpening = opening.catch(() => undefined);
    return opening;
  }

  forgetUnused(): void {
    this.pages.forgetUnused();
  }

  private async finish(answering: Generator<void, Answer, undefined>): Promise<Answer> {
    const slices = this.turns.slices(SLICE_MS);
    for (;;) {
      if (slices.isOver) await slices.next();
      const { done, value } = answering.next();
      if (done === true) return value;
    }
  }
}
