import type { Clock } from '@signalbox/platform';
import { FakeClock } from '@signalbox/testing';
import fc from 'fast-check';
import type { Beat } from '../../src/liveness/beat.js';
import type { LivenessSettings } from '../../src/liveness/lease.rules.js';
import { Engine, loaded } from './engine.js';
import { Senders } from './trace.js';

/** What happens to the process, to the broker and to a reader. `ms`: for how long; `pick` selects among what may follow. */
export interface Disturbance {
  readonly kind: 'nothing' | 'pause' | 'stall' | 'restart' | 'stop-reader';
  readonly ms: number;
  readonly pick: number;
}

const lengths = fc.oneof(fc.nat(1_200), fc.nat(4_000), fc.nat(20_000));
export const disturbances: fc.Arbitrary<Disturbance[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('nothing', 'nothing', 'pause', 'stall', 'stall', 'restart', 'stop-reader'),
    ms: lengths,
    pick: fc.nat(999),
  }),
  { maxLength: 10, size: 'max' },
);

type Message = { sender: string; beat: Beat } | { sender: 'canary'; sentAt: number; process: number };

const QUEUE_TTL_MS = 5_000;
const CANARY_EVERY_MS = 1_000;
/** A sender is late by up to this, as a busy process is. */
const JITTER_MS = 60;
/** After a stall the broker reads the connections in any order, and needs this long for all. */
const DRAIN_MS = 150;
/** Messages that the process has been sent and has not read. */
const PREFETCH = 4;
const INTERVALS = [1, 1, 2];

/** Readers that publish in time, a broker that may stop for a while, and a process that may. */
export class SteadyWorld {
  /** Readers that were declared dead although they published. */
  readonly falseDeaths: string[] = [];
  private readonly clock = new FakeClock();
  private readonly stopped = new Set<string>();
  private engine!: Engine;
  private process = 0;
  private isPaused = false;
  private isStalled = false;
  /** What runs when the process does again. */
  private waiting: (() => void)[] = [];
  private stuck: Message[] = [];
  /** When the broker has read what a sender sent during the last stall. */
  private readonly drainedAt = new Map<string, number>();
  private queue: { message: Message; expiresAt: number }[] = [];
  private draw = 1;

  constructor(private readonly settings: LivenessSettings) {
    this.start();
    for (const [index, interval] of INTERVALS.entries()) this.beat(`r${index}`, interval, 1);
  }

  make({ kind, ms, pick }: Disturbance): void {
    this.draw = pick + 1;
    if (kind === 'pause') this.pause(ms);
    else if (kind === 'stall') this.stall(ms);
    else if (kind === 'restart') this.restart(ms);
    else if (kind === 'stop-reader') this.stopped.add(`r${pick % INTERVALS.length}`);
    else this.clock.advance(ms);
  }

  /** Lets time pass without a disturbance. */
  rest(ms: number): void {
    this.clock.advance(ms);
  }

  /** The readers that are not in the state that they should be in, after a long rest. */
  wrong(): string[] {
    return INTERVALS.map((_, index) => `r${index}`)
      .map((readerId) => [
        readerId,
        this.engine.table.get(readerId)?.state,
        this.stopped.has(readerId) ? 'dead' : 'live',
      ])
      .filter(([, is, shouldBe]) => is !== shouldBe)
      .map(([readerId, is, shouldBe]) => `${readerId} is ${is}, not ${shouldBe}`);
  }

  private pause(ms: number): void {
    this.isPaused = true;
    this.clock.advance(ms);
    this.isPaused = false;
    // Timers that are due and what was received: in either order.
    const timers = this.waiting.splice(0);
    if (this.random(2) === 0) for (const run of timers) run();
    this.deliver();
    for (const run of timers) run();
    this.clock.advance(this.random(300));
  }

  private stall(ms: number): void {
    this.isStalled = true;
    this.clock.advance(ms);
    this.isStalled = false;
    const now = this.clock.monotonic();
    for (const [sender, at] of this.drainedAt) if (at <= now) this.drainedAt.delete(sender);
    for (const message of this.stuck.splice(0)) this.publish(message);
    this.deliver();
    this.clock.advance(this.random(1_500));
  }

  private restart(downMs: number): void {
    const rows = this.engine.stored();
    this.engine.stop();
    this.process += 1;
    this.isPaused = true;
    this.clock.advance(downMs);
    this.isPaused = false;
    this.waiting = [];
    this.start(rows);
    this.deliver();
  }

  private start(rows: ReturnType<Engine['stored']> = []): void {
    const { process } = this;
    const clock = this.clockOf(process);
    const sendCanary = (): void => this.publish({ sender: 'canary', sentAt: clock.monotonic(), process });
    this.engine = new Engine({
      settings: this.settings,
      places: 10,
      clock,
      sendCanary,
      stored: loaded(rows, this.clock),
    });
    const send = (): void => {
      sendCanary();
      clock.schedule(CANARY_EVERY_MS, send);
    };
    send();
  }

  /** Of a process: its timers wait while it is paused. */
  private clockOf(process: number): Clock {
    const { clock } = this;
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      schedule: (delayMs, run) => {
        let isCancelled = false;
        const runNow = (): void => {
          if (!isCancelled && process === this.process) run();
          isCancelled = true;
        };
        clock.schedule(delayMs, () => {
          if (this.isPaused) this.waiting.push(runNow);
          else runNow();
        });
        return () => void (isCancelled = true);
      },
    };
  }

  private beat(readerId: string, interval: number, seq: number): void {
    if (this.stopped.has(readerId)) return;
    this.publish({ sender: readerId, beat: beatOf(readerId, interval, seq) });
    this.clock.schedule(interval * 1_000 + this.random(JITTER_MS), () => this.beat(readerId, interval, seq + 1));
  }

  private publish(message: Message): void {
    if (this.isStalled) {
      this.stuck.push(message);
      return;
    }
    const { sender } = message;
    const now = this.clock.monotonic();
    const drainedAt = this.drainedAt.get(sender) ?? now + this.random(DRAIN_MS);
    this.drainedAt.set(sender, drainedAt);
    this.clock.schedule(drainedAt - now, () => this.enqueue(message));
  }

  private enqueue(message: Message): void {
    const expiresAt = this.isPaused && this.queue.length < PREFETCH ? Infinity : this.clock.monotonic() + QUEUE_TTL_MS;
    this.queue.push({ message, expiresAt });
    this.clock.schedule(1, () => this.deliver());
  }

  private deliver(): void {
    if (this.isPaused || this.isStalled) return;
    const at = this.clock.monotonic();
    for (const { message, expiresAt } of this.queue.splice(0)) if (expiresAt >= at) this.take(message);
  }

  private take(message: Message): void {
    if ('beat' in message) this.engine.record([message.beat]);
    else if (message.process === this.process) this.engine.canaryReturned(message.sentAt, false);
    for (const { readerId, why } of this.engine.transitions.splice(0))
      if (why === 'missed_heartbeats' && !this.stopped.has(readerId)) this.falseDeaths.push(readerId);
  }

  private random(below: number): number {
    this.draw = (this.draw * 48_271) % 2_147_483_647;
    return this.draw % below;
  }
}

const beatOf = (readerId: string, waitInterval: number, seq: number): Beat => {
  const beat = new Senders().beat({ what: 0, how: 0 }, 0);
  return { ...beat, readerId, seq, profile: { ...beat.profile, waitInterval } };
};
