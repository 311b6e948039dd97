import { Readable } from 'node:stream';

/** Bytes that are given to a connection before everything else has a turn: half a millisecond. */
const BYTES_AT_ONCE = 256 * 1_024;

/** Gives the pieces of a body as fast as a client takes them, and never so fast that it keeps the event loop. */
export class PieceStream extends Readable {
  private readonly pieces: Iterator<Buffer>;
  private bytesInTurn = 0;

  constructor(pieces: Iterable<Buffer>) {
    super();
    this.pieces = pieces[Symbol.iterator]();
  }

  override _read(): void {
    if (this.bytesInTurn < BYTES_AT_ONCE) return this.give();
    this.bytesInTurn = 0;
    setImmediate(() => this.give());
  }

  private give(): void {
    const { value, done } = this.pieces.next();
    if (done === true) return void this.push(null);
    this.bytesInTurn += value.length;
    this.push(value);
  }
}
