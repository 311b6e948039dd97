/** What a process and its sandbox send each other: a value as JSON, and bytes, for what would be slow as JSON. */
export interface Frame {
  readonly message: unknown;
  /** Length of the JSON. */
  readonly messageBytes: number;
  readonly bytes: Buffer;
}

/** In bytes. A frame that is longer ends the connection: the other side may have been taken over. */
export interface FrameLimits {
  readonly message: number;
  readonly bytes: number;
}

/** The lengths of the two parts, 32 bits each. */
const HEADER_BYTES = 8;
const NOTHING = Buffer.alloc(0);

/** The parts of a frame, to be written one after another. */
export function frameParts(message: unknown, bytes: Buffer = NOTHING): Buffer[] {
  const json = Buffer.from(JSON.stringify(message));
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt32BE(json.length, 0);
  header.writeUInt32BE(bytes.length, 4);
  return bytes.length === 0 ? [Buffer.concat([header, json])] : [header, json, bytes];
}

/** Puts frames together from what arrives. The bytes of a frame are its own: they stay valid. */
export class FrameReader {
  private chunks: Buffer[] = [];
  private length = 0;
  /** Until so many bytes are there, there is no use in looking. */
  private needed = HEADER_BYTES;

  constructor(
    private readonly limits: FrameLimits,
    private readonly onFrame: (frame: Frame) => void,
  ) {}

  /** @throws Error where a frame is too long or is not JSON; nothing more is to be read then */
  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.length += chunk.length;
    if (this.length < this.needed) return;
    const all = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks);
    let start = 0;
    for (;;) {
      this.needed = this.frameLength(all, start);
      if (all.length - start < this.needed) break;
      this.read(all, start);
      start += this.needed;
    }
    const rest = all.subarray(start);
    this.chunks = rest.length === 0 ? [] : [rest];
    this.length = rest.length;
  }

  private frameLength(all: Buffer, start: number): number {
    if (all.length - start < HEADER_BYTES) return HEADER_BYTES;
    const json = all.readUInt32BE(start);
    const bytes = all.readUInt32BE(start + 4);
    if (json > this.limits.message || bytes > this.limits.bytes)
      throw new Error(`a frame of ${json} and ${bytes} bytes is longer than allowed`);
    return HEADER_BYTES + json + bytes;
  }

  private read(all: Buffer, start: number): void {
    const jsonEnd = start + HEADER_BYTES + all.readUInt32BE(start);
    const message: unknown = JSON.parse(all.toString('utf8', start + HEADER_BYTES, jsonEnd));
    this.onFrame({ message, messageBytes: all.readUInt32BE(start), bytes: all.subarray(jsonEnd, start + this.needed) });
  }
}
