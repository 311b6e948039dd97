/** One version of a body that may be too large to be in one piece. Its bytes are never changed, however long a client takes for them. */
export interface BodyVersion {
  readonly etag: string;
  /** Bytes. */
  readonly length: number;
  pieces(): Iterable<Buffer>;
  /** One of the pieces is needed no more, and its memory may be used again. It need not be called. */
  recycle?(piece: Buffer): void;
}
