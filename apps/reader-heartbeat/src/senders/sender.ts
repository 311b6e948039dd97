/** A key with which readers log in to the broker. */
export interface ReaderKey {
  /** Also the name of its user at the broker. */
  readonly id: string;
  /** See `readerPattern` of the contracts. */
  readonly pattern: string;
  /** Whether its pattern covers a reader. */
  readonly covers: (readerId: string) => boolean;
  /** Unix ms; Infinity: never. */
  readonly expiresAt: number;
}

/**
 * In whose number of readers a new reader must find a place: that of the key that published it; that of any key that covers it, where it
 * is not known which one that was; that of none, where a user published it that all readers share.
 */
export type CountsFor = ReaderKey | 'covering-keys' | 'no-key';

/** What the sender of a message may publish in it. */
export interface Permission {
  readonly countsFor: CountsFor;
  /** Why it may not publish heartbeats of a reader, in words; undefined: it may. */
  readonly refusal: (readerId: string) => string | undefined;
}
