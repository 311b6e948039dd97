import { FakeClock } from '@signalbox/testing';
import type { LivenessSettings } from '../../src/liveness/lease.rules.js';
import type { Transition } from '../../src/liveness/transition.js';
import type { ReaderRow } from '../../src/partition/persistence/reader.entity.js';
import { Engine, loaded } from './engine.js';
import type { LogEntry, Moment } from './log.js';
import { MAX_PLACES, Senders, type TraceEvent } from './trace.js';

const CANARY_EVERY_MS = 1_000;
/** Of canaries, ms. The last three are later than a canary may be. */
const LAGS = [3, 0, 40, 200, 700, 2_400, 2_501, 4_000];
const PAUSES = [500, 1_200, 2_499, 2_600, 9_000];
const JUMPS = [3_000, -3_000, 86_400_000, -86_400_000];
/** After these, a canary that was sent for a deadline may be under way for long, or lost; and canaries may not count for a while. */
const DISTURBANCES: readonly TraceEvent['kind'][] = [
  'pause',
  'lag',
  'lose-canaries',
  'return-canaries',
  'hold-for-keys',
];
const HELD_UP_MS = 5_000;
const REMOVED = ['a', 'b', 'c'];

/** An owner of a partition, what it is given, and its restarts. */
export class World {
  log: LogEntry[] = [];
  engine!: Engine;
  /** Of canaries, ms. */
  lag = 3;
  private clock = new FakeClock();
  /** When the present process started. */
  private startedAt = 0;
  private readonly senders = new Senders();
  private disturbedAt = -Infinity;
  private isLosing = false;
  private isAlone = false;
  /** Steps in the history of readers that earlier processes have written. */
  private written: Transition[] = [];
  private stored: { rows: ReaderRow[]; log: LogEntry[]; written: Transition[] };

  constructor(private readonly settings: LivenessSettings) {
    this.stored = { rows: [], log: [], written: [] };
    this.start([]);
  }

  get now(): Moment {
    return { t: this.startedAt + this.clock.monotonic(), unix: this.clock.now() };
  }

  get transitions(): Transition[] {
    return [...this.written, ...this.engine.transitions];
  }

  /** Canaries return soon, and have for a while: a death is due when its reader's lease ends. */
  get isObserved(): boolean {
    const isDisturbed = this.isLosing || this.isAlone || this.lag > 40;
    return !isDisturbed && this.now.t - this.disturbedAt > HELD_UP_MS + CANARY_EVERY_MS + this.lag;
  }

  /** From a monotonic time of the present process. */
  fromProcess(monotonic: number): number {
    return this.startedAt + monotonic;
  }

  run(event: TraceEvent): void {
    this.make(event);
    if (DISTURBANCES.includes(event.kind)) this.disturbedAt = this.now.t;
  }

  private make(event: TraceEvent): void {
    const { kind, what, how } = event;
    switch (kind) {
      case 'beat':
        return this.give([event]);
      case 'batch':
        return this.give([event, { what: how, how: what }, { what: what + 1, how: how + 3 }]);
      case 'pass':
        return this.clock.advance(length(event, 1_500));
      case 'pass-long':
        return this.clock.advance(3_000 + length(event, 12_000));
      case 'pass-to-edge':
        return this.clock.advance(Math.max(0, this.edge(what) - this.clock.monotonic()));
      case 'pause':
        return this.clock.pause(PAUSES[what % PAUSES.length]!);
      case 'lag':
        return void (this.lag = LAGS[what % LAGS.length]!);
      case 'lose-canaries':
        return void (this.isLosing = true);
      case 'return-canaries':
        [this.isLosing, this.isAlone, this.lag] = [false, false, 3];
        return;
      case 'hold-for-keys':
        return void (this.isAlone = !this.isAlone);
      case 'store':
        return this.store();
      case 'restart':
        this.store();
        return this.restart(length(event, 8_000));
      case 'crash':
        return this.restart(length(event, 8_000));
      case 'remove': {
        const readerId = REMOVED[what % REMOVED.length]!;
        this.log.push({ ...this.now, kind: 'removal', readerId });
        return this.engine.remove(readerId);
      }
      case 'jump-wall-clock':
        return this.clock.jumpWallClock(JUMPS[what % JUMPS.length]!);
    }
  }

  /** The last moment at which another change of a reader would be the fourth within ten leases. */
  private edge(what: number): number {
    const readers = [...this.engine.table.all()].filter(({ changes }) => changes.length >= 3);
    const reader = readers[what % Math.max(1, readers.length)];
    if (reader === undefined) return 0;
    const { missedBeats, readerMessageTimeoutMs } = this.settings;
    const lease = missedBeats * reader.profile.waitInterval * 1_000 + readerMessageTimeoutMs;
    return reader.changes.at(-3)!.monotonic + 10 * lease;
  }

  private give(events: Pick<TraceEvent, 'what' | 'how'>[]): void {
    const beats = events.map((each) => this.senders.beat(each, this.now.unix));
    this.log.push({ ...this.now, kind: 'beats', beats });
    this.engine.record(beats);
  }

  private store(): void {
    this.stored = { rows: this.engine.stored(), log: [...this.log], written: this.transitions };
  }

  /** With what was stored last; what happened since then is lost. */
  private restart(downMs: number): void {
    this.engine.stop();
    const { t, unix } = this.now;
    this.clock = new FakeClock(unix + downMs);
    this.startedAt = t + downMs;
    this.log = [...this.stored.log];
    this.written = this.stored.written;
    this.start(this.stored.rows);
  }

  private start(rows: readonly ReaderRow[]): void {
    this.log.push({ ...this.now, kind: 'started' });
    this.engine = new Engine({
      settings: this.settings,
      places: MAX_PLACES,
      clock: this.clock,
      sendCanary: () => this.sendCanary(),
      stored: loaded(rows, this.clock),
    });
    const send = (): void => {
      this.sendCanary();
      this.clock.schedule(CANARY_EVERY_MS, send);
    };
    send();
  }

  private sendCanary(): void {
    const { clock } = this;
    const sentAt = clock.monotonic();
    if (this.isLosing) return;
    clock.schedule(this.lag, () => {
      this.log.push({ ...this.now, kind: 'canary', sentAt: this.fromProcess(sentAt), alone: this.isAlone });
      this.engine.canaryReturned(sentAt, this.isAlone);
    });
  }
}

/** Each other one is round, so that much happens at the very moment at which something is due. */
const length = ({ what, how }: TraceEvent, below: number): number =>
  how % 2 === 0 ? Math.floor((what % below) / 500) * 500 : what % below;
