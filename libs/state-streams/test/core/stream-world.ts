import type { ReplicaEffect } from '../../src/core/replica/replica-effect.js';
import type { ReplicaInput } from '../../src/core/replica/replica-input.js';
import { createReplica, type ReplicaState } from '../../src/core/replica/replica-state.js';
import { step } from '../../src/core/replica/replica-step.js';
import { SnapshotPages } from '../../src/core/snapshot-pages.js';
import { finished } from './finished.js';
import { StreamOwner } from '../../src/core/stream-owner.js';
import type { SnapshotPage, StreamBeacon, StreamDelta } from '@signalbox/contracts/streams';
import { Chronicle, type GivenInput } from './chronicle.js';
import type { WorldEvent } from './world-events.js';

type Message = { type: 'delta'; delta: StreamDelta } | { type: 'beacon'; beacon: StreamBeacon };
type Request = Extract<ReplicaEffect, { type: 'request-page' }>;

/** One incarnation of an owner. Its messages reach the replica in their order; those of two incarnations interleave freely. */
interface Incarnation {
  /** Makes the deltas; a commit may be several. */
  maker: StreamOwner<number>;
  /** What was committed and sent. */
  committed: StreamOwner<number>;
  /** What beacons and snapshots are made from. It may lag behind: owners of an earlier release wait for the confirm. */
  owner: StreamOwner<number>;
  /** Sent, and not yet in `owner`. */
  unconfirmed: StreamDelta[];
  pages: SnapshotPages;
  channel: Message[];
}

const STREAM = 'model';
/** Small, so that short traces fill them. */
const LIMITS = { maxEntries: 1, maxCopies: 2, copyTtlMs: 40 };
const DELTA_LIMITS = { maxItems: 2, maxBytes: 10_000 };
const MAX_BUFFERED = 4;
/** Commits whose pick (0 to 9) is at least this are confirmed late. */
const SLOW_CONFIRM = 7;

/** Owners, a network with faults, and one replica with its runner. Every step of the replica is checked. */
export class StreamWorld {
  readonly chronicle = new Chronicle();
  private now = 0;
  private bound = false;
  private state: ReplicaState = createReplica({ maxBufferedDeltas: MAX_BUFFERED });
  private readonly incarnations: Incarnation[] = [];
  /** All messages ever sent, to be delivered again at any time. */
  private readonly sent: Message[] = [];
  private requests: Request[] = [];
  private replies: SnapshotPage[] = [];
  private retries = 0;

  constructor() {
    this.startOwner({ epoch: 1_000, seq: 0, entries: [] });
  }

  get replica(): ReplicaState {
    return this.state;
  }

  get owner(): StreamOwner<number> {
    return this.current.owner;
  }

  get committed(): StreamOwner<number> {
    return this.current.committed;
  }

  run(event: WorldEvent): void {
    this.now += 1;
    const { pick } = event;
    switch (event.type) {
      case 'commit':
        return this.commit(this.current, event);
      case 'confirm':
        return this.confirm(this.current);
      case 'beacon':
        return this.send(this.current, { type: 'beacon', beacon: this.owner.beacon() });
      case 'zombie-commit':
        return this.commit(this.any(pick), event);
      case 'zombie-beacon':
        return this.send(this.any(pick), { type: 'beacon', beacon: this.any(pick).owner.beacon() });
      case 'deliver':
        return this.deliver(this.any(pick).channel.shift());
      case 'lose':
        return void this.any(pick).channel.shift();
      case 'deliver-again':
        return this.deliver(this.sent.at(-1 - (pick % 12)));
      case 'mangle':
        return this.mangle(this.any(pick).channel.shift());
      case 'serve':
        return this.serve(this.take(this.requests, pick));
      case 'serve-by-zombie':
        return this.serve(this.take(this.requests, pick), this.any(pick));
      case 'time-out':
        return this.timeOut(this.requests[pick % this.requests.length]);
      case 'reply':
        return this.reply(this.take(this.replies, pick));
      case 'reply-twice':
        return this.reply(this.replies[pick % this.replies.length]);
      case 'retry':
        return this.retry();
      case 'bind':
        return this.bind();
      case 'unbind':
        return this.unbind();
      case 'restart-replica':
        return this.restartReplica();
      case 'restart-owner':
        return this.restartOwner(pick);
      case 'restore-owner':
        return this.restoreOwner(pick);
    }
  }

  /** Ends the faults: all messages arrive. Returns how many inputs the replica needed to come to rest. */
  settle(): number {
    if (!this.bound) this.bind();
    const before = this.chronicle.steps;
    for (const incarnation of this.incarnations) {
      this.confirm(incarnation);
      while (incarnation.channel.length > 0) this.deliver(incarnation.channel.shift());
    }
    while (this.requests.length + this.replies.length + this.retries > 0 && this.chronicle.steps - before < 1_000) {
      this.serve(this.take(this.requests, 0));
      this.reply(this.take(this.replies, 0));
      this.retry();
    }
    return this.chronicle.steps - before;
  }

  private get current(): Incarnation {
    return this.any(0);
  }

  /** 0 is the current owner, 1 its predecessor, and so on. */
  private any(pick: number): Incarnation {
    const one = this.incarnations.at(-1 - (pick % Math.min(this.incarnations.length, 3)));
    if (one === undefined) throw new Error('a world has an owner');
    return one;
  }

  private take<T>(list: T[], pick: number): T | undefined {
    return list.splice(pick % Math.max(list.length, 1), 1)[0];
  }

  private commit(incarnation: Incarnation, { changes, pick }: WorldEvent): void {
    for (const delta of incarnation.maker.commit(changes, DELTA_LIMITS)) {
      incarnation.committed.apply(delta);
      this.chronicle.record(incarnation.committed);
      this.send(incarnation, { type: 'delta', delta });
      incarnation.unconfirmed.push(delta);
    }
    if (pick < SLOW_CONFIRM) this.confirm(incarnation);
  }

  private confirm({ owner, unconfirmed }: Incarnation): void {
    for (const delta of unconfirmed.splice(0)) owner.apply(delta);
  }

  private send(incarnation: Incarnation, message: Message): void {
    if (!this.bound) return;
    incarnation.channel.push(message);
    this.sent.push(message);
  }

  private deliver(message: Message | undefined): void {
    if (message !== undefined && this.bound) this.give(message);
  }

  /** A delta arrives without its last change, as when a change could not be decoded. */
  private mangle(message: Message | undefined): void {
    if (message?.type !== 'delta' || !this.bound) return;
    this.chronicle.distrust();
    this.give({ type: 'delta', delta: { ...message.delta, changes: message.delta.changes.slice(0, -1) } });
  }

  private serve(request: Request | undefined, { pages } = this.current): void {
    if (request === undefined) return;
    const { snapshotId, page } = request;
    const id = snapshotId === undefined ? {} : { snapshot_id: snapshotId };
    const answer = finished(pages.answer({ stream: STREAM, ...id, page }, this.now));
    if ('code' in answer) this.give({ type: 'snapshot-failed', reason: answer.code });
    else this.replies.push(answer);
  }

  /** The request times out at the runner; its answer may still arrive. */
  private timeOut(request: Request | undefined): void {
    if (request !== undefined) this.give({ type: 'snapshot-failed', reason: 'timeout' });
  }

  private reply(page: SnapshotPage | undefined): void {
    if (page !== undefined) this.give({ type: 'page', page });
  }

  private retry(): void {
    if (this.retries === 0) return;
    this.retries -= 1;
    this.give({ type: 'retry' });
  }

  private bind(): void {
    this.bound = true;
    this.give({ type: 'bound' });
  }

  /** Replies under way and delays that are running still arrive. */
  private unbind(): void {
    this.bound = false;
    for (const { channel } of this.incarnations) channel.length = 0;
    this.give({ type: 'unbound' });
  }

  private restartReplica(): void {
    this.unbind();
    this.state = createReplica({ maxBufferedDeltas: MAX_BUFFERED });
    [this.requests, this.replies, this.retries] = [[], [], 0];
    this.chronicle.newReplica();
  }

  /** With the next seq, as owners behind Postgres, or from 0, as owners in memory. */
  private restartOwner(pick: number): void {
    const { committed } = this.current;
    const seq = pick % 2 === 0 ? committed.seq : 0;
    this.startOwner({ epoch: committed.epoch + 1 + pick, seq, entries: [...committed.entries()] });
  }

  /** From a backup: an earlier content and seq, but a higher epoch. */
  private restoreOwner(pick: number): void {
    const { epoch } = this.owner;
    this.startOwner({ ...this.chronicle.backup(this.any(pick).owner.epoch, pick), epoch: epoch + 1 + pick });
  }

  private startOwner(start: { epoch: number; seq: number; entries: [string, number][] }): void {
    const made = () => new StreamOwner<number>({ stream: STREAM, ...start });
    const [maker, committed, owner] = [made(), made(), made()];
    const pages = new SnapshotPages(owner, { now: () => this.now, ...LIMITS });
    this.incarnations.push({ maker, committed, owner, unconfirmed: [], pages, channel: [] });
    this.chronicle.record(owner);
  }

  private give(input: GivenInput): void {
    const { epoch, seq, revision, phase, highestEpoch } = this.state;
    const { state, effects } = step(this.state, { ...input, at: this.now, maxEpoch: Infinity } as ReplicaInput);
    this.state = state;
    for (const effect of effects) {
      if (effect.type === 'request-page') this.requests.push(effect);
      if (effect.type === 'retry-in') this.retries += 1;
    }
    this.chronicle.check({ before: { epoch, seq, revision, phase, highestEpoch }, input, state, effects });
  }
}
