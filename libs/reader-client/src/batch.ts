/** Fewer than a message may carry, so that it stays small for the broker. */
const MOST_HEARTBEATS = 1_000;
/** Signalbox reads 8 MiB; a character has at most 3 bytes. */
const MOST_CHARACTERS = 1_000_000;
/** A heartbeat may be early by so much of its interval, and by a second at most, to share the message of another. */
const EARLY = 0.1;
const EARLY_MS = 1_000;

export interface Due {
  readonly intervalMs: number;
  /** Characters of its heartbeat. */
  readonly size: number;
  /** Monotonic ms. */
  readonly dueAt: number;
}

const earlyMs = ({ intervalMs }: Due): number => Math.min(EARLY_MS, intervalMs * EARLY);

/**
 * The readers of the next message: those that are due, then those that soon are. None where none is due. So readers that were started one
 * after the other come to share messages, and no heartbeat is ever late for it.
 * @param now monotonic ms
 */
export function batchOf<Reader extends Due>(readers: readonly Reader[], now: number): readonly Reader[] {
  const due = readers.filter(({ dueAt }) => dueAt <= now);
  if (due.length === 0) return due;
  const soon = readers.filter((reader) => reader.dueAt > now && reader.dueAt - earlyMs(reader) <= now);
  return bounded([...due, ...soon]);
}

/** One that is too large for any message is sent alone. */
function bounded<Reader extends Due>(readers: readonly Reader[]): readonly Reader[] {
  let characters = 0;
  const end = readers.findIndex(({ size }, index) => {
    characters += size;
    return index === MOST_HEARTBEATS || (index > 0 && characters > MOST_CHARACTERS);
  });
  return end === -1 ? readers : readers.slice(0, end);
}
