import { exchanges, messageTypes, snapshotKey } from '@signalbox/contracts/messages';
import {
  snapshotPage,
  type SnapshotPage,
  type StreamBeacon,
  type StreamBeats,
  type StreamDelta,
  type StreamReport,
} from '@signalbox/contracts/streams';
import type { Amqp } from '@signalbox/messaging';
import { describeError, type Clock, type Logger } from '@signalbox/platform';
import { createReplica, step, type ReplicaEffect, type ReplicaInput } from '@signalbox/state-streams';
import type { ReplicaView } from './replica-view.js';

const PAGE_TIMEOUT_MS = 5_000;

export interface StreamReplicaOptions {
  readonly view: ReplicaView;
  readonly amqp: Amqp;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Runs one stream's replica: feeds the pure step function with what happens, and does what it asks for. */
export class StreamReplica {
  private state = createReplica();
  private retry: (() => void) | undefined;
  private waiting: { seq: number; reached: () => void }[] = [];

  constructor(private readonly options: StreamReplicaOptions) {}

  get stream(): string {
    return this.options.view.stream;
  }

  get requiredForReadiness(): boolean {
    return this.options.view.requiredForReadiness ?? true;
  }

  /** Whether there ever was a complete snapshot; what it led to is readable from then on. */
  get hadSnapshot(): boolean {
    return this.state.hadSnapshot;
  }

  /** Whether it is in step with its owner as far as is known; if not, what is shown is from before. */
  get isInStep(): boolean {
    return this.state.phase === 'live';
  }

  /** Where this replica is, and the digest of its content: equal to the owner's when both are at the same point. */
  get position(): { epoch: number; seq: number; digest: string } {
    const { epoch, seq, digest } = this.state;
    return { epoch, seq, digest: digest.toString() };
  }

  /** Ms since the owner was last heard of; undefined if never. */
  get silentMs(): number | undefined {
    const { lastHeardAt } = this.state;
    return lastHeardAt === undefined ? undefined : this.options.clock.monotonic() - lastHeardAt;
  }

  bound(): void {
    this.take({ type: 'bound', at: this.now() });
  }

  unbound(): void {
    this.take({ type: 'unbound', at: this.now() });
  }

  delta(delta: StreamDelta): void {
    this.take({ type: 'delta', delta, at: this.now() });
  }

  beacon(beacon: StreamBeacon): void {
    this.take({ type: 'beacon', beacon, at: this.now() });
  }

  beats(beats: StreamBeats): void {
    if (beats.epoch === this.state.epoch) this.options.view.beats?.(beats);
  }

  /** Whatever epoch the stream is in: a report needs no state to be understood. */
  report(report: StreamReport): void {
    this.options.view.report?.(report);
  }

  close(): void {
    this.retry?.();
  }

  /** Resolves true when this replica contains the change `seq`, false if that takes longer than `withinMs`. */
  reached(seq: number, withinMs: number): Promise<boolean> {
    if (this.state.hadSnapshot && this.state.seq >= seq) return Promise.resolve(true);
    return new Promise((resolve) => {
      const cancel = this.options.clock.schedule(withinMs, () => {
        this.waiting = this.waiting.filter((each) => each !== waiter);
        resolve(false);
      });
      const waiter = {
        seq,
        reached: () => {
          cancel();
          resolve(true);
        },
      };
      this.waiting.push(waiter);
    });
  }

  private take(input: ReplicaInput): void {
    const { state, effects } = step(this.state, input);
    this.state = state;
    for (const effect of effects) this.perform(effect);
    this.tellWaiting();
  }

  private perform(effect: ReplicaEffect): void {
    const { view, logger } = this.options;
    switch (effect.type) {
      case 'request-page':
        void this.requestPage(effect.page, effect.snapshotId);
        break;
      case 'retry-in':
        this.retryIn(effect.ms);
        break;
      case 'changed':
        view.changed(effect.changes);
        break;
      case 'reset':
        view.reset([...this.state.entries.values()].map(({ key, value }) => [key, value] as const));
        logger.info({ stream: this.stream, ...this.position, entries: this.state.entries.size }, 'snapshot taken');
        break;
      case 'resync':
        logger.info({ stream: this.stream, reason: effect.reason }, 'taking a snapshot');
        break;
    }
  }

  private async requestPage(page: number, snapshotId: string | undefined): Promise<void> {
    const input = await this.askForPage(page, snapshotId);
    this.take(input);
  }

  private async askForPage(page: number, snapshotId: string | undefined): Promise<ReplicaInput> {
    const { amqp, logger } = this.options;
    try {
      const answer = await amqp.request<SnapshotPage>({
        exchange: exchanges.requests.name,
        routingKey: snapshotKey(this.stream),
        type: messageTypes.snapshotRequest,
        body: { stream: this.stream, page, ...(snapshotId !== undefined && { snapshot_id: snapshotId }) },
        schema: snapshotPage,
        timeoutMs: PAGE_TIMEOUT_MS,
      });
      return { type: 'page', page: answer, at: this.now() };
    } catch (error) {
      logger.debug({ err: error, stream: this.stream }, 'no snapshot yet');
      return {
        type: 'snapshot-failed',
        reason: describeError(error),
        at: this.now(),
      };
    }
  }

  /** The delay is drawn at random, so that many gateways do not ask a new owner all at once. */
  private retryIn([min, max]: readonly [min: number, max: number]): void {
    this.retry?.();
    const delayMs = min + Math.random() * (max - min);
    this.retry = this.options.clock.schedule(delayMs, () => this.take({ type: 'retry', at: this.now() }));
  }

  private tellWaiting(): void {
    if (this.waiting.length === 0 || !this.state.hadSnapshot) return;
    const { seq } = this.state;
    const reached = this.waiting.filter((each) => each.seq <= seq);
    this.waiting = this.waiting.filter((each) => each.seq > seq);
    for (const each of reached) each.reached();
  }

  private now(): number {
    return this.options.clock.monotonic();
  }
}
