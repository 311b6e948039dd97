import type { Frame } from '@signalbox/sandbox';
import { Misbehaved } from '../publishing/unpack.rules.js';
import { SessionPublisher, type SessionPublisherOptions } from '../publishing/session-publisher.js';
import type { Assignment } from '../work/assignment.js';
import type { Records } from '../work/records.js';
import type { FollowerReport } from '../work/follower.js';
import type { BatchMessage, FromWorker, ToWorker } from '../worker/protocol.js';

export interface SessionOptions extends Omit<SessionPublisherOptions, 'onPublished' | 'onRefused' | 'records'> {
  readonly session: number;
  readonly records: Records;
  readonly send: (message: ToWorker) => void;
  readonly onReport: (state: FollowerReport) => void;
}

/** What a worker sends about one session. */
export type SessionMessage = Extract<FromWorker, { session: number }>;

/** The work on one assignment in one worker, as the process that owns the datasource sees it. */
export class Session {
  /** Its worker works on it no more, or has died. */
  readonly ended: Promise<void>;
  /** Besides, all that was taken of it is published and stored, or refused. */
  readonly over: Promise<void>;
  isEnding = false;
  private readonly publisher: SessionPublisher;
  private endNow!: () => void;

  constructor(private readonly options: SessionOptions) {
    const { session, assignment, send } = options;
    this.publisher = new SessionPublisher({
      ...options,
      onPublished: (batches) => send({ type: 'published', session, batches }),
      onRefused: (run, code) => send({ type: 'refused', session, run, code }),
    });
    this.ended = new Promise<void>((resolve) => (this.endNow = resolve));
    this.over = this.ended.then(() => this.publisher.idle());
    send({ type: 'begin', session, assignment });
  }

  end(): void {
    if (this.isEnding) return;
    this.isEnding = true;
    this.options.send({ type: 'end', session: this.options.session });
  }

  workerEnded(): void {
    this.isEnding = true;
    this.endNow();
  }

  /** @throws Misbehaved where no worker of ours sends that */
  handle(message: SessionMessage, bytes: Frame['bytes']): void {
    const { assignment, records, onReport } = this.options;
    const { id, fence } = assignment;
    switch (message.type) {
      case 'batch':
        if (!mayPublish(assignment, message)) throw new Misbehaved('changes of a datasource that is not followed');
        return this.publisher.add(message, bytes);
      case 'report':
        onReport(message.state);
        return records.report(id, fence, message.state);
      case 'attempt':
        return records.attempt(id, fence, message.attempt);
      case 'released':
        if (assignment.task !== 'release') throw new Misbehaved('a release that was not asked for');
        return records.released(id, fence, message.left);
      case 'ended':
        return this.workerEnded();
    }
  }
}

/** What is only watched has no changes, but its slot may be given up: that is stored with its position. */
const mayPublish = ({ task }: Assignment, { ids }: BatchMessage): boolean =>
  task === 'follow' || (task === 'watch' && ids.length === 0);
