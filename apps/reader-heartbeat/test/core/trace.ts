import fc from 'fast-check';
import type { Beat } from '../../src/liveness/beat.js';

/** What happens, with its frequency. */
const WEIGHTS = {
  beat: 46,
  batch: 6,
  pass: 26,
  'pass-long': 4,
  'pass-to-edge': 3,
  pause: 3,
  lag: 3,
  'lose-canaries': 2,
  'return-canaries': 2,
  'hold-for-keys': 2,
  store: 2,
  restart: 2,
  crash: 1,
  remove: 2,
  'jump-wall-clock': 1,
} as const;

export type EventKind = keyof typeof WEIGHTS;

/** One step of a trace. The numbers select among what the kind offers; 0 is the simplest. */
export interface TraceEvent {
  readonly kind: EventKind;
  readonly what: number;
  readonly how: number;
}

const kinds = Object.entries(WEIGHTS).flatMap(([kind, weight]) => Array<EventKind>(weight).fill(kind as EventKind));

const event: fc.Arbitrary<TraceEvent> = fc
  .tuple(fc.nat(kinds.length - 1), fc.nat(99_999), fc.nat(99_999))
  .map(([kind, what, how]) => ({ kind: kinds[kind]!, what, how }));

export const trace: fc.Arbitrary<TraceEvent[]> = fc.array(event, { maxLength: 30, size: 'max' });

export const MAX_PLACES = 4;
/** `long` takes three places, the others one. */
const DESCRIPTIONS = {
  short: { device: 'cpu', pids: [1] },
  other: { device: 'cuda', pids: [1] },
  long: { device: 'cpu', pids: Array.from({ length: 500 }, () => 1) },
};
export const placesOf = ({ pids }: Beat['profile']): number => (pids.length > 1 ? 3 : 1);

const READERS = ['a', 'b', 'c'];
const BOOTS = ['x', 'x', 'x', 'x', 'y', 'z', null];
const STATES = ['ready', 'ready', 'ready', 'ready', 'loading', 'loading', 'loading', 'stopping'] as const;
const INTERVALS = [1, 1, 1, 2];
const SHAPES = ['short', 'short', 'short', 'short', 'other', 'other', 'long'] as const;
const DAY_MS = 86_400_000;
const SENDER_CLOCKS = [0, DAY_MS, -DAY_MS, 1_234, -7, 60_000];
const CONFIGS: Beat['config'][] = [
  null,
  null,
  null,
  { digest: 'one', json: '{"a":1}' },
  { digest: 'two', json: '{"a":2}' },
  { digest: 'too large', json: null },
];

/** Makes heartbeats of a few readers and incarnations, numbered as their senders would, or repeated, late, or not numbered. */
export class Senders {
  private readonly numbers = new Map<string, number>();
  /** The last of each reader, to be delivered again. */
  private readonly sent = new Map<string, Beat>();

  beat({ what, how }: Pick<TraceEvent, 'what' | 'how'>, unix: number): Beat {
    const pick = digits(what);
    const readerId = READERS[pick(3)]!;
    const bootId = BOOTS[pick(7)]!;
    const again = this.sent.get(readerId);
    if (pick(11) === 10 && again !== undefined) return again;
    const shape = digits(how);
    const beat: Beat = {
      readerId,
      bootId,
      state: STATES[shape(8)]!,
      seq: this.number(`${readerId} ${bootId}`, pick(10)),
      profile: {
        consumerName: readerId,
        consumerGroups: [],
        modelName: 'm',
        modelType: 'chat',
        backend: null,
        waitInterval: INTERVALS[shape(4)]!,
        ...DESCRIPTIONS[SHAPES[shape(7)]!],
      },
      sentAt: pick(5) === 0 ? null : unix + SENDER_CLOCKS[shape(6)]!,
      config: CONFIGS[shape(6)]!,
      countsFor: 'no-key',
    };
    this.sent.set(readerId, beat);
    return beat;
  }

  private number(incarnation: string, pick: number): number | null {
    const last = this.numbers.get(incarnation) ?? 0;
    // 6: it comes late, 7: as late as it can, 8: others were lost before it.
    if (pick === 6 || pick === 7) return Math.max(1, pick === 6 ? last - 1 : 1);
    if (pick === 9) return null;
    const next = pick === 8 ? last + 5 : last + 1;
    this.numbers.set(incarnation, next);
    return next;
  }
}

/** Takes one number after the other out of a larger one. */
function digits(whole: number): (below: number) => number {
  let rest = whole;
  return (below) => {
    const digit = rest % below;
    rest = Math.floor(rest / below);
    return digit;
  };
}
