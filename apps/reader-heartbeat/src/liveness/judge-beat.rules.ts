import { fence } from '@signalbox/platform';
import type { Beat } from './beat.js';
import type { Instant } from './instant.js';
import type { Reader, ReaderState } from './reader.js';
import { noBeats, noteBeat } from './recent-beats.rules.js';

export type Verdict =
  /** Nothing that is shown changed. */
  | { kind: 'ignored'; reason: 'ended-incarnation' | 'not-newer' | 'deregistration-of-another-incarnation' }
  /** Only the receive time of the last heartbeat changed. */
  | { kind: 'renewed'; reader: Reader }
  /** Something that is shown changed. */
  | { kind: 'changed'; reader: Reader };

/** How many ended incarnations are remembered. A heartbeat that is older than so many restarts does not occur in practice. */
const ENDED_BOOTS = 16;

/** Of most readers. They share it. */
const NONE: readonly never[] = [];

const READER_STATE: Record<Beat['state'], ReaderState> = { loading: 'loading', ready: 'live', stopping: 'gone' };

/** Applies one heartbeat to what is known of its reader. `fence` decides on incarnations and on the order within one. */
export function judgeBeat(known: Reader | undefined, beat: Beat, at: Instant): Verdict {
  if (known === undefined) return { kind: 'changed', reader: newReader(beat, at) };
  const fencing = fence(known, beat);
  if (fencing === 'ended') return { kind: 'ignored', reason: 'ended-incarnation' };
  // A deregistration that was overtaken ends its incarnation all the same: no order of the same heartbeats gives another reader.
  const isOvertaken = beat.state === 'stopping' && beat.seq !== known.seq;
  if (fencing === 'not-newer' && !isOvertaken) return { kind: 'ignored', reason: 'not-newer' };
  return fencing === 'next' ? replaceIncarnation(known, beat, at) : renew(known, beat, at);
}

function newReader(beat: Beat, at: Instant): Reader {
  const recent = noBeats();
  noteBeat(recent, at.unix, beat.sentAt);
  return {
    readerId: beat.readerId,
    profile: beat.profile,
    state: READER_STATE[beat.state],
    since: at,
    bootId: beat.bootId,
    seq: beat.seq,
    endedBoots: beat.state === 'stopping' ? endBoot(NONE, beat.bootId) : NONE,
    changes: NONE,
    flappingSince: null,
    receivedAt: { ...at },
    recent,
    configDigest: beat.config?.digest ?? null,
    unstoredConfig: beat.config?.json,
    queuedAt: NaN,
    tick: 0,
  };
}

function replaceIncarnation(known: Reader, beat: Beat, at: Instant): Verdict {
  if (beat.state === 'stopping') {
    // It deregisters an incarnation that was never seen. That one has ended; the present one is not affected.
    known.endedBoots = endBoot(known.endedBoots, beat.bootId);
    // As many of these as are remembered must not displace the deregistration of the present one.
    if (known.state === 'gone') known.endedBoots = endBoot(known.endedBoots, known.bootId);
    return { kind: 'ignored', reason: 'deregistration-of-another-incarnation' };
  }
  const { changes, flappingSince, queuedAt } = known;
  const endedBoots = endBoot(known.endedBoots, known.bootId);
  const unstoredConfig = unstoredOf(known, beat);
  const reader = { ...newReader(beat, at), endedBoots, changes, flappingSince, unstoredConfig, queuedAt };
  return { kind: 'changed', reader };
}

/** What is to be stored of the configuration for the next incarnation. One that sends none has none, whatever the previous one sent. */
function unstoredOf(known: Reader, { config }: Beat): Reader['unstoredConfig'] {
  if ((config?.digest ?? null) === known.configDigest) return known.unstoredConfig;
  return config?.json ?? null;
}

/** Changes the known reader in place: what is replaced with each heartbeat has become old by then, and is dear to collect. */
function renew(known: Reader, beat: Beat, at: Instant): Verdict {
  const state = READER_STATE[beat.state];
  const isSame = known.profile === beat.profile || sameProfile(known.profile, beat.profile);
  const changed = state !== known.state || !isSame;
  if (state !== known.state) known.since = at;
  if (state === 'gone') known.endedBoots = endBoot(known.endedBoots, beat.bootId);
  known.state = state;
  if (!isSame) known.profile = beat.profile;
  known.seq = beat.seq ?? known.seq;
  if (at.monotonic > known.receivedAt.monotonic) {
    known.receivedAt.unix = at.unix;
    known.receivedAt.monotonic = at.monotonic;
  }
  noteBeat(known.recent, at.unix, beat.sentAt);
  if (beat.config !== null && beat.config.digest !== known.configDigest) {
    known.configDigest = beat.config.digest;
    known.unstoredConfig = beat.config.json;
  }
  return { kind: changed ? 'changed' : 'renewed', reader: known };
}

function sameProfile(a: Reader['profile'], b: Reader['profile']): boolean {
  return (
    a.consumerName === b.consumerName &&
    a.modelName === b.modelName &&
    a.modelType === b.modelType &&
    a.device === b.device &&
    a.backend === b.backend &&
    a.waitInterval === b.waitInterval &&
    sameItems(a.consumerGroups, b.consumerGroups) &&
    sameItems(a.pids, b.pids)
  );
}

const sameItems = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);

/** Adds an ended incarnation; drops the oldest if there are too many. */
function endBoot(endedBoots: readonly string[], bootId: string | null): readonly string[] {
  if (bootId === null || endedBoots.includes(bootId)) return endedBoots;
  return [...endedBoots, bootId].slice(-ENDED_BOOTS);
}
