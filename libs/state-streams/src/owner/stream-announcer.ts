import { randomUUID } from 'node:crypto';
import { exchanges, messageTypes, snapshotKey, snapshotQueue } from '@signalbox/contracts/messages';
import {
  BEACON_INTERVAL_MS,
  snapshotRequest,
  type SnapshotPage,
  type SnapshotRequest,
  type StreamDelta,
} from '@signalbox/contracts/streams';
import { RequestRefused, type Amqp, type Subscription } from '@signalbox/messaging';
import { every, type Clock, type Health, type Logger } from '@signalbox/platform';
import type { StreamOwner } from '../core/stream-owner.js';
import { SnapshotAnswers } from './snapshot-answers.js';

/** An owner with values of any type. */
export type AnyStreamOwner = Pick<
  StreamOwner<NonNullable<unknown>>,
  'stream' | 'epoch' | 'seq' | 'snapshot' | 'beacon'
>;

export interface StreamAnnouncerOptions {
  readonly stream: string;
  readonly amqp: Amqp;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called when the last page of a snapshot is given, for what travels beside the deltas. */
  readonly onSnapshot?: () => void;
  /** Gets a check with the owner's position, to be compared with those of the replicas. */
  readonly health: Health;
}

/**
 * Publishes the deltas of one stream's owner and, every two seconds and on the same channel, its beacon; answers requests
 * for its snapshot. It does so for one owner at a time: between {@link own} and {@link disown}.
 */
export class StreamAnnouncer {
  private snapshots: Subscription | undefined;
  private stopBeacons: (() => void) | undefined;
  private owner: AnyStreamOwner | undefined;
  private areBeaconsHeld = false;

  constructor(private readonly options: StreamAnnouncerOptions) {
    options.health.add(`ownership of ${options.stream}`, () => ({ status: 'up', detail: this.ownership() }), {
      required: false,
    });
  }

  /** Publishes for `owner` from now on, in place of any owner before it. */
  own(owner: AnyStreamOwner): void {
    this.disown();
    this.owner = owner;
    this.areBeaconsHeld = false;
    const answers = new SnapshotAnswers(owner, this.options.clock);
    this.snapshots = this.answerSnapshots(answers);
    this.stopBeacons = every({ clock: this.options.clock, ms: BEACON_INTERVAL_MS, atOnce: true }, () => {
      answers.forgetUnused();
      if (!this.areBeaconsHeld) this.beacon(owner);
    });
  }

  /** Ends the beacons and the answers to snapshot requests. */
  disown(): void {
    this.owner = undefined;
    this.stopBeacons?.();
    this.stopBeacons = undefined;
    this.snapshots?.close().catch((error: unknown) => {
      this.options.logger.debug({ err: error, stream: this.options.stream }, 'snapshot queue not closed in order');
    });
    this.snapshots = undefined;
  }

  /** Sends a delta that the owner contains already. Resolves when the broker has confirmed it. @throws PublishError */
  async announce(delta: StreamDelta): Promise<void> {
    this.areBeaconsHeld = false;
    await this.publish(messageTypes.delta, delta);
  }

  /**
   * Sends no beacon before the next delta. For an owner that sends its last delta again after a failure: a beacon that
   * counts a delta that was perhaps not sent would cause a snapshot at every replica.
   */
  holdBeacons(): void {
    this.areBeaconsHeld = true;
  }

  private ownership(): string {
    if (this.owner === undefined) return 'not here';
    const { epoch, seq, digest } = this.owner.beacon();
    return `here, at ${epoch}.${seq}, digest ${digest}`;
  }

  private beacon(owner: AnyStreamOwner): void {
    // A lost beacon is followed by the next one; a missing owner shows by their absence.
    this.publish(messageTypes.beacon, owner.beacon()).catch((error: unknown) => {
      this.options.logger.debug({ err: error, stream: owner.stream }, 'beacon not confirmed');
    });
  }

  private publish(type: string, body: unknown): Promise<void> {
    const { amqp, stream } = this.options;
    return amqp.publisher.publish({ exchange: exchanges.state.name, routingKey: stream, type, body });
  }

  private answerSnapshots(answers: SnapshotAnswers): Subscription {
    const { amqp, stream } = this.options;
    const queue = snapshotQueue(stream, randomUUID());
    return amqp.respond<SnapshotRequest, SnapshotPage>({
      queue: queue.name,
      declare: {
        exchanges: [exchanges.requests],
        queues: [queue],
        bindings: [{ exchange: exchanges.requests.name, queue: queue.name, key: snapshotKey(stream) }],
      },
      schema: snapshotRequest,
      handler: async ({ body }) => {
        const answer = await answers.answer(body);
        if ('code' in answer)
          throw new RequestRefused(answer.code, 'this copy is not kept any more; request a new one');
        if (answer.page === answer.pages - 1) this.options.onSnapshot?.();
        return answer;
      },
    });
  }
}
