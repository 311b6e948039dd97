import type { JsonValue } from '@signalbox/platform';
import type { Assignment } from '../work/assignment.js';
import type { FollowerReport } from '../work/follower.js';
import type { Session, SessionOptions } from './session.js';
import type { Slice } from './slice.js';

export interface FollowingOptions {
  readonly slice: Slice;
  /** Everything that a session needs besides. */
  readonly begin: (slice: Slice, options: Pick<SessionOptions, 'assignment' | 'onReport' | 'onSaved'>) => Session;
  /** Its work ended in a slice, which it may have left. */
  readonly onEnded: (slice: Slice) => void;
  /** It was taken back, and nothing is under way any more. */
  readonly onReleased: (assignment: Assignment) => void;
}

interface Running {
  readonly slice: Slice;
  readonly assignment: Assignment;
  readonly session: Session;
}

/** Sees to it that a datasource is worked on as it is wanted, where it is wanted, and never twice at the same time. */
export class Following {
  lastReport: FollowerReport | undefined;
  slice: Slice;
  private wanted: Assignment | undefined;
  /** The last one that was wanted. */
  private latest: Assignment | undefined;
  private running: Running | undefined;
  private saved: (Pick<Assignment, 'fence' | 'generation'> & { readonly position: JsonValue }) | undefined;

  constructor(private readonly options: FollowingOptions) {
    this.slice = options.slice;
  }

  /** Undefined: it is taken back. */
  want(assignment: Assignment | undefined): void {
    this.wanted = assignment;
    if (assignment !== undefined) this.latest = assignment;
    this.reconcile();
  }

  get assignment(): Assignment | undefined {
    return this.wanted;
  }

  moveTo(slice: Slice): void {
    this.slice = slice;
    this.reconcile();
  }

  /** To be called when its slice is ready. */
  reconcile(): void {
    const { running, wanted, slice } = this;
    if (running !== undefined) {
      if (running.assignment !== wanted || running.slice !== slice) running.slice.end(running.session);
    } else if (wanted === undefined) {
      if (this.latest !== undefined) this.options.onReleased(this.latest);
      this.latest = undefined;
    } else if (slice.isReady) {
      this.begin(wanted, slice);
    }
  }

  private begin(assignment: Assignment, slice: Slice): void {
    const { fence, generation } = assignment;
    const session = this.options.begin(slice, {
      assignment: { ...assignment, position: this.positionFor(assignment) },
      onReport: (state) => (this.lastReport = state),
      onSaved: (position) => (this.saved = { fence, generation, position }),
    });
    this.running = { slice, assignment, session };
    void session.over.then(() => {
      this.running = undefined;
      this.options.onEnded(slice);
      this.reconcile();
    });
  }

  /** An assignment may have been made before the position was stored that this process stored last. */
  private positionFor({ fence, generation, position }: Assignment): JsonValue {
    const { saved } = this;
    return saved?.fence === fence && saved.generation === generation ? saved.position : position;
  }
}
