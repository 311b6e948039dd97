import { Readable } from 'node:stream';
import type { BodyVersion } from './body-version.js';

/** Bytes that are given to a connection before everything else has a turn: half a millisecond. */
const BYTES_AT_ONCE = 256 * 1_024;

interface Given {
  readonly piece: Buffer;
  /** Bytes of the body up to its end. */
  readonly end: number;
}

/**
 * Gives the pieces of a body as fast as a client takes them, and never so fast that it keeps the event loop. Where it is piped, pieces that have been
 * passed on to the operating system are given back to the body.
 */
export class PieceStream extends Readable {
  private readonly pieces: Iterator<Buffer>;
  private bytesInTurn = 0;
  private bytesGiven = 0;
  /** In order; those that may not have been passed on yet. */
  private readonly given: Given[] = [];
  private taker: { readonly writableLength: number } | undefined;

  constructor(private readonly version: Pick<BodyVersion, 'pieces' | 'recycle'>) {
    super();
    this.pieces = version.pieces()[Symbol.iterator]();
  }

  override pipe<Taker extends NodeJS.WritableStream>(taker: Taker, options?: { end?: boolean }): Taker {
    if ('writableLength' in taker) this.taker = taker as unknown as { writableLength: number };
    return super.pipe(taker, options);
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
    if (this.version.recycle !== undefined) this.given.push({ piece: value, end: this.bytesGiven });
    this.push(value);
  }

  /** What waits here or in the connection is the end of what was given. */
  private recycle(): void {
    if (this.taker === undefined) return;
    const passedOn = this.bytesGiven - this.readableLength - this.taker.writableLength;
    while (this.given.length > 0 && this.given[0]!.end <= passedOn) this.version.recycle?.(this.given.shift()!.piece);
  }
}
