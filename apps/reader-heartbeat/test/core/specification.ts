import type { Beat } from '../../src/liveness/beat.js';
import type { LogEntry, Moment } from './log.js';

/**
 * What the readers of a partition are, by the text of the design alone: computed again and again from all that ever happened, with nothing
 * forgotten that could matter. It is slow and imports no rule.
 */
export interface Settings {
  readonly heartbeatCheckInterval: number;
  readonly missedBeats: number;
  readonly readerMessageTimeoutMs: number;
  readonly retentionMs: number;
  readonly places: number;
  readonly placesOf: (profile: Beat['profile']) => number;
}

export type State = 'loading' | 'live' | 'dead' | 'gone';

export interface Step {
  readonly readerId: string;
  readonly from: State | null;
  readonly to: State | null;
  readonly why: string;
  readonly bootId: string | null;
  readonly at: number;
  readonly silentMs: number | null;
}

export interface SpecifiedReader {
  state: State;
  since: Moment;
  bootId: string | null;
  /** The numbers of the heartbeats of this incarnation that counted. */
  numbers: number[];
  /** Incarnations that ended. */
  ended: Set<string>;
  profile: Beat['profile'];
  receivedAt: Moment;
  /** When the state changed, all times. */
  changes: Moment[];
  flappingSince: Moment | null;
  /** Sender's time minus ours, of each heartbeat of this incarnation that this process received. */
  skews: (number | null)[];
}

export interface Specified {
  readonly readers: ReadonlyMap<string, SpecifiedReader>;
  readonly steps: readonly Step[];
  /** What the last entry did to readers. */
  readonly effects: { changed: Set<string>; renewed: Set<string>; refused: string[] };
  /** Silence does not count: nothing is known of whether heartbeats get through. */
  readonly isHeld: boolean;
  /** Silence counts from then on, at the earliest. */
  readonly receivingSince: number;
}

/** A canary that takes longer is lost, and one that is missing for longer means that nothing gets through. */
const CANARY_MS = 2_500;
/**
 * A canary that is later by more than this than the one before, on whose way nothing arrived for longer than this, was held up, with heartbeats
 * that may now come in any order.
 */
const HELD_UP_MS = 250;
/** For how long they may. */
const DRAIN_MS = 500;
const NO_TIME = -Infinity;

export const leaseOf = ({ profile }: Pick<SpecifiedReader, 'profile'>, settings: Settings): number =>
  settings.missedBeats * profile.waitInterval * 1_000 + settings.readerMessageTimeoutMs;

/** When the silence of a reader ends its state. */
export function deadlineOf(reader: SpecifiedReader, receivingSince: number, settings: Settings): number {
  if (reader.state === 'dead' || reader.state === 'gone') return reader.since.t + settings.retentionMs;
  if (settings.heartbeatCheckInterval === 0) return Infinity;
  return Math.max(reader.receivedAt.t, receivingSince) + leaseOf(reader, settings);
}

/** The median of the last five. */
export function skewOf({ skews }: SpecifiedReader): number | null {
  const known = skews.slice(-5).filter((skew) => skew !== null);
  return known.toSorted((a, b) => a - b)[Math.ceil(known.length / 2) - 1] ?? null;
}

export function specified(log: readonly LogEntry[], settings: Settings): Specified {
  const specification = new Specification(settings);
  for (const entry of log) specification.happen(entry);
  return specification;
}

class Specification implements Specified {
  readonly readers = new Map<string, SpecifiedReader>();
  readonly steps: Step[] = [];
  effects: Specified['effects'] = { changed: new Set(), renewed: new Set(), refused: [] };
  receivingSince = NO_TIME;
  /** When a canary of this process returned last. */
  private lastReturn: number | undefined;
  /** When heartbeats and canaries arrived in this process. */
  private arrivals: number[] = [];
  /** How long that one took. */
  private lastTook = 0;
  /** Canaries that were sent before do not count. */
  private countsFrom = NO_TIME;
  isHeld = true;

  constructor(private readonly settings: Settings) {}

  happen(entry: LogEntry): void {
    this.effects = { changed: new Set(), renewed: new Set(), refused: [] };
    if (entry.kind === 'started') this.start(entry);
    if (entry.kind === 'beats') this.arrivals.push(entry.t);
    if (entry.kind === 'beats') for (const beat of entry.beats) this.receive(beat, this.receivedAt(entry));
    if (entry.kind === 'canary') this.observe(entry);
    if (entry.kind === 'removal' && this.readers.get(entry.readerId)?.state === 'dead')
      this.forget(entry.readerId, 'forgotten_on_request', entry);
    for (const readerId of this.effects.changed) this.effects.renewed.delete(readerId);
  }

  /** A process knows how long ago something was by the wall clock alone, until it has seen it itself. */
  private start(at: Moment): void {
    this.lastReturn = undefined;
    this.arrivals = [];
    this.lastTook = 0;
    this.countsFrom = NO_TIME;
    this.isHeld = true;
    this.receivingSince = at.t;
    const again = ({ unix }: Moment): Moment => ({ unix, t: at.t - Math.max(0, at.unix - unix) });
    for (const reader of this.readers.values()) {
      reader.since = again(reader.since);
      reader.receivedAt = again(reader.receivedAt);
      reader.changes = reader.changes.map(again);
      reader.flappingSince = reader.flappingSince && again(reader.flappingSince);
      reader.skews = [];
    }
  }

  /** What arrives while no canary returned for too long may have waited in this process since then. */
  private receivedAt({ t, unix }: Moment): Moment {
    if (this.lastReturn === undefined || t - this.lastReturn <= CANARY_MS) return { t, unix };
    return { t: this.lastReturn, unix: unix - (t - this.lastReturn) };
  }

  private observe({ t, unix, sentAt, alone }: Extract<LogEntry, { kind: 'canary' }>): void {
    const isMissing = this.lastReturn === undefined || t - this.lastReturn > CANARY_MS;
    const isInTime = t - sentAt <= CANARY_MS;
    if (isInTime) this.lastReturn = t;
    if (isInTime && !alone) {
      const wasSilent = this.silences(t).some(([from, to]) => to - Math.max(from, sentAt) > HELD_UP_MS);
      if (t - sentAt - this.lastTook > HELD_UP_MS && wasSilent) this.countsFrom = t + DRAIN_MS;
      this.lastTook = t - sentAt;
    }
    if (isInTime && !alone) this.arrivals.push(t);
    if (alone || (isMissing && !isInTime)) {
      this.isHeld = true;
      return;
    }
    if (isInTime && (isMissing || this.isHeld)) {
      this.isHeld = false;
      this.receivingSince = t;
    }
    if (!this.isHeld && sentAt >= this.countsFrom) this.timePasses({ t: sentAt, unix: unix - (t - sentAt) });
  }

  /** The times between two arrivals in this process up to now. */
  private silences(now: number): [from: number, to: number][] {
    const times = [NO_TIME, ...this.arrivals, now];
    return times.slice(1).map((to, index) => [times[index]!, to]);
  }

  private timePasses(upTo: Moment): void {
    for (const [readerId, reader] of this.readers) {
      const last = reader.changes.at(-1);
      if (reader.flappingSince && last && upTo.t - last.t >= 10 * leaseOf(reader, this.settings)) {
        reader.flappingSince = null;
        this.effects.changed.add(readerId);
      }
      if (deadlineOf(reader, this.receivingSince, this.settings) > upTo.t) continue;
      if (reader.state === 'dead' || reader.state === 'gone') this.forget(readerId, 'forgotten', upTo);
      else {
        this.step(readerId, reader, { to: 'dead', why: 'missed_heartbeats', at: upTo });
        this.enter(reader, 'dead', upTo);
        this.effects.changed.add(readerId);
      }
    }
  }

  private receive(beat: Beat, at: Moment): void {
    const reader = this.readers.get(beat.readerId);
    const free = this.settings.places - this.used() + (reader ? this.settings.placesOf(reader.profile) : 0);
    const hasPlace =
      this.settings.placesOf(beat.profile) <= Math.max(free, reader ? this.settings.placesOf(reader.profile) : 0);
    if (!hasPlace) this.effects.refused.push(beat.readerId);
    if (!reader) {
      if (hasPlace) this.first(beat, at);
      return;
    }
    // A known reader goes on. Of its description, what needs no place is taken.
    const profile = hasPlace ? beat.profile : { ...reader.profile, waitInterval: beat.profile.waitInterval };
    const { bootId } = beat;
    if (bootId !== null && reader.ended.has(bootId)) return;
    if (bootId === reader.bootId) this.again(reader, { ...beat, profile }, at);
    else if (beat.state !== 'stopping') this.replace(reader, { ...beat, profile }, at);
    else if (bootId !== null) reader.ended.add(bootId);
  }

  private first(beat: Beat, at: Moment): void {
    const reader = fresh(beat, at);
    this.readers.set(beat.readerId, reader);
    this.steps.push({
      readerId: beat.readerId,
      from: null,
      to: reader.state,
      why: 'first_heartbeat',
      bootId: beat.bootId,
      at: at.unix,
      silentMs: null,
    });
    this.effects.changed.add(beat.readerId);
  }

  private replace(reader: SpecifiedReader, beat: Beat, at: Moment): void {
    const next = fresh(beat, at);
    next.ended = reader.bootId === null ? reader.ended : new Set([...reader.ended, reader.bootId]);
    next.changes = reader.changes;
    next.flappingSince = reader.flappingSince;
    const { state } = next;
    next.state = reader.state;
    this.readers.set(beat.readerId, next);
    this.step(beat.readerId, { ...next, receivedAt: reader.receivedAt }, { to: state, why: 'next_incarnation', at });
    this.enter(next, state, at);
    this.effects.changed.add(beat.readerId);
  }

  private again(reader: SpecifiedReader, beat: Beat, at: Moment): void {
    const { bootId, seq, readerId } = beat;
    const last = Math.max(...reader.numbers, NO_TIME);
    const isNewer = bootId === null || seq === null || seq > last;
    // An incarnation ends with its deregistration, also where that was overtaken.
    if (!isNewer && !(beat.state === 'stopping' && seq !== last)) return;
    const state = beat.state === 'ready' ? 'live' : beat.state === 'stopping' ? 'gone' : 'loading';
    const isChanged = state !== reader.state || JSON.stringify(beat.profile) !== JSON.stringify(reader.profile);
    const before = { ...reader };
    reader.profile = beat.profile;
    if (state !== reader.state) this.step(readerId, before, { to: state, why: reasonOf(before.state, state), at });
    if (state !== reader.state) this.enter(reader, state, at);
    if (state === 'gone' && bootId !== null) reader.ended.add(bootId);
    if (seq !== null) reader.numbers.push(seq);
    if (at.t > reader.receivedAt.t) reader.receivedAt = at;
    reader.skews.push(beat.sentAt === null ? null : beat.sentAt - at.unix);
    this.effects[isChanged ? 'changed' : 'renewed'].add(readerId);
  }

  /** Four changes within ten leases are flapping, until there was none for ten leases. Deregistrations are on purpose. */
  private enter(reader: SpecifiedReader, state: State, at: Moment): void {
    const { state: before, changes } = reader;
    if (before === state) return;
    reader.state = state;
    reader.since = at;
    if (before === 'gone' || state === 'gone') return;
    const window = 10 * leaseOf(reader, this.settings);
    const last = changes.at(-1);
    if (last && at.t - last.t >= window) reader.flappingSince = null;
    const all = [...changes, at];
    reader.changes = all;
    const fourth = all.at(-4);
    if (fourth && at.t - fourth.t <= window) reader.flappingSince ??= at;
  }

  private forget(readerId: string, why: string, at: Moment): void {
    this.step(readerId, this.readers.get(readerId)!, { to: null, why, at });
    this.readers.delete(readerId);
    this.effects.changed.delete(readerId);
  }

  private step(
    readerId: string,
    { state: from, bootId, receivedAt }: SpecifiedReader,
    { to, why, at }: { to: State | null; why: string; at: Moment },
  ): void {
    const silentMs = Math.max(0, at.t - receivedAt.t);
    this.steps.push({ readerId, from, to, why, bootId, at: at.unix, silentMs });
  }

  private used(): number {
    let used = 0;
    for (const { profile } of this.readers.values()) used += this.settings.placesOf(profile);
    return used;
  }
}

function fresh(beat: Beat, at: Moment): SpecifiedReader {
  return {
    state: beat.state === 'ready' ? 'live' : beat.state === 'stopping' ? 'gone' : 'loading',
    since: at,
    bootId: beat.bootId,
    numbers: beat.seq === null ? [] : [beat.seq],
    ended: new Set(beat.state === 'stopping' && beat.bootId !== null ? [beat.bootId] : []),
    profile: beat.profile,
    receivedAt: at,
    changes: [],
    flappingSince: null,
    skews: [beat.sentAt === null ? null : beat.sentAt - at.unix],
  };
}

function reasonOf(from: State, to: State): string {
  if (to === 'gone') return 'deregistered';
  if (from === 'dead') return 'heartbeat_after_silence';
  return from === 'gone' ? 'heartbeat_after_deregistration' : 'state_reported';
}
