import type { Instant } from './instant.js';
import { silenceAllowed, type LivenessSettings } from './lease.rules.js';
import type { Reader, ReaderState } from './reader.js';

/** A reader whose state changed so often … */
const CHANGES = 4;
/** … within so many of its leases is flapping, until its state has not changed for as long. */
const LEASES = 10;

/** A change of the reader's state to the one that it has now. */
export interface StateChange {
  readonly before: ReaderState;
  readonly at: Instant;
}

/** To be called after a change of the reader's state. A deregistration is deliberate: neither it nor the return from it counts. */
export function noteChange(reader: Reader, { before, at }: StateChange, settings: LivenessSettings): void {
  if (before === 'gone' || reader.state === 'gone') return;
  calm(reader, at, settings);
  reader.changes = [...reader.changes, { ...at }].slice(-CHANGES);
  const [first = at] = reader.changes;
  if (reader.changes.length === CHANGES && at.monotonic - first.monotonic <= windowOf(reader, settings))
    reader.flappingSince ??= { ...at };
}

/** Monotonic ms at which the reader is not flapping any more if its state does not change; Infinity: it is not flapping. */
export function flappingEnd(reader: Reader, settings: LivenessSettings): number {
  if (reader.flappingSince === null) return Infinity;
  return (reader.changes.at(-1) ?? reader.flappingSince).monotonic + windowOf(reader, settings);
}

/** Ends the flapping of a reader that has been quiet for long enough. Returns whether it did. */
export function calm(reader: Reader, at: Instant, settings: LivenessSettings): boolean {
  if (at.monotonic < flappingEnd(reader, settings)) return false;
  reader.flappingSince = null;
  return true;
}

const windowOf = (reader: Reader, settings: LivenessSettings): number => LEASES * silenceAllowed(reader, settings);
