/**
 * Fencing of incarnations, for all processes that identify theirs by a `boot_id`: readers, agents of dataplanes. Boot ids are never
 * compared by size: an unknown one replaces the present one, permanently.
 */

/** The origin that a message states. */
export interface MessageOrigin {
  /** Null: its sender does not identify its incarnations. */
  readonly bootId: string | null;
  /** Grows with each message of an incarnation; null: not numbered. */
  readonly seq: number | null;
}

/** What is known of a sender: the present incarnation, and the number of its last message. */
export interface KnownIncarnation extends MessageOrigin {
  /** Incarnations that were replaced, or that have ended: their messages are ignored from then on. */
  readonly endedBoots: readonly string[];
}

/**
 * `first`: of an unknown sender. `next`: of an incarnation that replaces the present one. `newer`, `not-newer`: of the present one.
 * `ended`: of one that was replaced or has ended.
 */
export type Fencing = 'first' | 'next' | 'newer' | 'not-newer' | 'ended';

/** Compares a message with what is known of its sender. Without a boot id, or without numbers, the order of arrival counts. */
export function fence(known: KnownIncarnation | undefined, { bootId, seq }: MessageOrigin): Fencing {
  if (!known) return 'first';
  if (bootId !== null && known.endedBoots.includes(bootId)) return 'ended';
  if (!isSameIncarnation(bootId, known.bootId)) return 'next';
  const isNumbered = bootId !== null && seq !== null && known.seq !== null;
  return isNumbered && seq <= known.seq ? 'not-newer' : 'newer';
}

/** Whether a command or an event that states an incarnation applies to this one. */
export const isSameIncarnation = (named: string | null, present: string | null): boolean => named === present;
