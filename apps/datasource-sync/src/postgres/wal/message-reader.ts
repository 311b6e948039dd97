/** Reads a message of the WAL. Each method throws where the message ends too early. Rows have many small parts: what is read often is read by hand. */
export class MessageReader {
  private at = 0;

  constructor(private readonly buffer: Buffer) {}

  byte(): number {
    return this.buffer[this.move(1)]!;
  }

  int16(): number {
    return this.buffer.readInt16BE(this.move(2));
  }

  int32(): number {
    const { buffer } = this;
    const start = this.move(4);
    return (buffer[start]! << 24) | (buffer[start + 1]! << 16) | (buffer[start + 2]! << 8) | buffer[start + 3]!;
  }

  uint32(): number {
    return this.int32() >>> 0;
  }

  uint64(): bigint {
    return this.buffer.readBigUInt64BE(this.move(8));
  }

  /** Ends with a zero byte. */
  cString(): string {
    const end = this.buffer.indexOf(0, this.at);
    if (end < 0) throw new RangeError('a text has no end');
    return this.buffer.toString('utf8', this.move(end + 1 - this.at), end);
  }

  text(length: number): string {
    const start = this.move(length);
    return this.buffer.toString('utf8', start, start + length);
  }

  private move(length: number): number {
    const start = this.at;
    if (length < 0 || start + length > this.buffer.length) throw new RangeError('a message is too short');
    this.at = start + length;
    return start;
  }
}
