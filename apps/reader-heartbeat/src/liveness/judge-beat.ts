import { fence } from '@signalbox/platform';
import type { Beat } from './beat.js';
import type { Instant } from './instant.js';
import { endBoot, type Reader, type ReaderLife } from './reader.js';

export type Verdict =
  /** Nothing changed: the beat is of an ended incarnation, or not newer than what is known. */
  | { kind: 'ignored'; reason: 'ended-incarnation' | 'not-newer' | 'not-its-goodbye' }
  /** The reader is as it was, and was heard. */
  | { kind: 'renewed'; reader: Reader }
  /** Something that is shown changed. */
  | { kind: 'changed'; reader: Reader };

const LIFE: Record<Beat['state'], ReaderLife> = { loading: 'loading', ready: 'live', stopping: 'gone' };

/**
 * What one beat does to what is known of its reader. See `fence` for incarnations and the order within one.
 */
export function judgeBeat(known: Reader | undefined, beat: Beat, at: Instant): Verdict {
  if (known === undefined) return { kind: 'changed', reader: newcomer(beat, at) };
  const fencing = fence(known, beat);
  if (fencing === 'ended') return { kind: 'ignored', reason: 'ended-incarnation' };
  if (fencing === 'not-newer') return { kind: 'ignored', reason: 'not-newer' };
  return fencing === 'next' ? replaceIncarnation(known, beat, at) : renew(known, beat, at);
}

function newcomer(beat: Beat, at: Instant): Reader {
  return {
    readerId: beat.readerId,
    profile: beat.profile,
    state: LIFE[beat.state],
    since: { ...at },
    bootId: beat.bootId,
    seq: beat.seq,
    endedBoots: beat.state === 'stopping' ? endBoot([], beat.bootId) : [],
    heard: { ...at },
  };
}

function replaceIncarnation(known: Reader, beat: Beat, at: Instant): Verdict {
  if (beat.state === 'stopping') {
    // The goodbye of a life we never saw: it ends that life and leaves the present one alone.
    known.endedBoots = endBoot(known.endedBoots, beat.bootId);
    return { kind: 'ignored', reason: 'not-its-goodbye' };
  }
  const reader = newcomer(beat, at);
  reader.endedBoots = endBoot(known.endedBoots, known.bootId);
  return { kind: 'changed', reader };
}

function renew(known: Reader, beat: Beat, at: Instant): Verdict {
  const state = LIFE[beat.state];
  const changed = state !== known.state || !sameProfile(known.profile, beat.profile);
  if (state !== known.state) known.since = { ...at };
  if (state === 'gone') known.endedBoots = endBoot(known.endedBoots, beat.bootId);
  known.state = state;
  known.profile = beat.profile;
  known.seq = beat.seq ?? known.seq;
  if (at.monotonic > known.heard.monotonic) known.heard = { ...at };
  return { kind: changed ? 'changed' : 'renewed', reader: known };
}

function sameProfile(a: Reader['profile'], b: Reader['profile']): boolean {
  return (
    a.consumerName === b.consumerName &&
    a.modelName === b.modelName &&
    a.modelType === b.modelType &&
    a.device === b.device &&
    a.waitInterval === b.waitInterval &&
    sameItems(a.consumerGroups, b.consumerGroups) &&
    sameItems(a.pids, b.pids)
  );
}

const sameItems = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);
