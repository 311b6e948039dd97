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
import type { Clock, Health, Logger } from '@signalbox/platform';
import { SnapshotPages } from '../core/snapshot-pages.js';
import type { StreamOwner } from '../core/stream-owner.js';

/** Any owner, whatever its values are. */
export type AnyStreamOwner = Pick<
  StreamOwner<NonNullable<unknown>>,
  'stream' | 'epoch' | 'seq' | 'snapshot' | 'beacon'
>;

export interface StreamAnnouncerOptions {
  readonly stream: string;
  readonly amqp: Amqp;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called with each page of a snapshot that is given, for what travels beside the deltas. */
  readonly onSnapshot?: () => void;
  /** Gets a check that says where the owner is, to be compared with what the gateways show of their replicas. */
  readonly health: Health;
}

/**
 * The voice of one stream's owner: publishes its deltas and, every two seconds and on the same channel, its beacon, and
 * answers requests for its snapshot. One owner at a time: between {@link own} and {@link disown}.
 */
export class StreamAnnouncer {
  private snapshots: Subscription | undefined;
  private cancelBeacon: (() => void) | undefined;
  private owner: AnyStreamOwner | undefined;

  constructor(private readonly options: StreamAnnouncerOptions) {
    options.health.add(`ownership of ${options.stream}`, () => ({ status: 'up', detail: this.ownership() }), {
      required: false,
    });
  }

  /** Speaks for `owner` from now on, in place of any owner before it. */
  own(owner: AnyStreamOwner): void {
    this.disown();
    this.owner = owner;
    this.snapshots = this.answerSnapshots(owner);
    this.beacon(owner);
  }

  /** Falls silent: no beacon, no snapshot. */
  disown(): void {
    this.owner = undefined;
    this.cancelBeacon?.();
    this.cancelBeacon = undefined;
    this.snapshots?.close().catch((error: unknown) => {
      this.options.logger.debug(
        { err: error, stream: this.options.stream },
        'the snapshot queue was not closed in order',
      );
    });
    this.snapshots = undefined;
  }

  /** Resolves when the broker has confirmed the delta. @throws PublishError */
  async announce(delta: StreamDelta): Promise<void> {
    await this.publish(messageTypes.delta, delta);
  }

  private ownership(): string {
    if (this.owner === undefined) return 'not here';
    const { epoch, seq, digest } = this.owner.beacon();
    return `here, at ${epoch}.${seq}, digest ${digest}`;
  }

  private beacon(owner: AnyStreamOwner): void {
    this.cancelBeacon = this.options.clock.schedule(BEACON_INTERVAL_MS, () => this.beacon(owner));
    // A beacon that is lost is followed by the next one; its absence is what it is there to show.
    this.publish(messageTypes.beacon, owner.beacon()).catch((error: unknown) => {
      this.options.logger.debug({ err: error, stream: owner.stream }, 'a beacon was not confirmed');
    });
  }

  private publish(type: string, body: unknown): Promise<void> {
    const { amqp, stream } = this.options;
    return amqp.publisher.publish({ exchange: exchanges.state.name, routingKey: stream, type, body });
  }

  private answerSnapshots(owner: AnyStreamOwner): Subscription {
    const { amqp, clock, stream } = this.options;
    const pages = new SnapshotPages(owner);
    const queue = snapshotQueue(stream, randomUUID());
    return amqp.respond<SnapshotRequest, SnapshotPage>({
      queue: queue.name,
      declare: {
        exchanges: [exchanges.requests],
        queues: [queue],
        bindings: [{ exchange: exchanges.requests.name, queue: queue.name, key: snapshotKey(stream) }],
      },
      schema: snapshotRequest,
      handler: ({ body }) => {
        const answer = pages.answer(body, clock.monotonic());
        if ('code' in answer)
          throw new RequestRefused(answer.code, 'this copy is not kept any more: ask for a new one');
        this.options.onSnapshot?.();
        return answer;
      },
    });
  }
}
