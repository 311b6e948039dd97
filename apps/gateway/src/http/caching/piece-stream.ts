import { OutgoingMessage } from 'node:http';
import { Readable, type Writable } from 'node:stream';
import type { BodyVersion } from './body-version.js';

/** Bytes that are given to a connection before everything else has a turn: half a millisecond. */
const BYTES_AT_ONCE = 256 * 1_024;

interface Given {
  readonly piece: Buffer;
  /** Bytes of the body up to its end. */
  readonly end: number;
}

/**
 * Gives the pieces of a body as fast as a client takes them, and never so fast that it keeps the event loop. Where it is piped to an answer, pieces
 * that have been passed on to the operating system are given back to the body.
 */
export class PieceStream extends Readable {
  private readonly pieces: Iterator<Buffer>;
  private bytesInTurn = 0;
  private bytesGiven = 0;
  /** In order; those that the taker may not have read yet. */
  private readonly given: Given[] = [];
  private taker: { readonly writableLength: number } | undefined;

  /**
   * @param sink a stream, besides answers, that has read a piece once its `writableLength` does not count it any more. Of others, as those that
   * pass on what they get, that is not known.
   */
  constructor(
    private readonly version: Pick<BodyVersion, 'pieces' | 'recycle'>,
    private readonly sink?: Writable,
  ) {
    super();
    this.pieces = version.pieces()[Symbol.iterator]();
  }

  override pipe<Taker extends NodeJS.WritableStream>(taker: Taker, options?: { end?: boolean }): Taker {
    if (taker instanceof OutgoingMessage) this.taker = taker;
    else if ((taker as unknown) === this.sink) this.taker = this.sink;
    return super.pipe(taker, options);
  }

  override unpipe(taker?: NodeJS.WritableStream): this {
    this.taker = undefined;
    this.given.length = 0;
    return super.unpipe(taker);
  }

  override _read(): void {
    if (this.bytesInTurn < BYTES_AT_ONCE) return this.give();
    this.bytesInTurn = 0;
    setImmediate(() => this.give());
  }

  private give(): void {
    this.recycle();
    const { value, done } = this.pieces.next();
    if (done === true) return void this.push(null);
    this.bytesInTurn += value.length;
    this.bytesGiven += value.length;
    if (this.taker !== undefined) this.given.push({ piece: value, end: this.bytesGiven });
    this.push(value);
  }

  /** What waits here or at the taker is the end of what was given. */
  private recycle(): void {
    if (this.taker === undefined) return;
    const read = this.bytesGiven - this.readableLength - this.taker.writableLength;
    while (this.given.length > 0 && this.given[0]!.end <= read) {
      const { piece } = this.given.shift()!;
      this.version.recycle?.(piece);
    }
  }
}
