import type { ShownReader } from './shown-reader.js';

const ZERO = 0x30;

/** The members of some readers in `last_heartbeat`, each with a comma before it, apart from the seconds that they show. */
export class HeartbeatText {
  private readonly bytes: Buffer;
  /** Where the digits of each reader's second end. */
  private readonly ends: Uint32Array;

  constructor(readers: readonly ShownReader[]) {
    this.ends = new Uint32Array(readers.length);
    const parts: string[] = [];
    let length = 0;
    for (const [index, { entry, second }] of readers.entries()) {
      const head = `,${JSON.stringify(entry.reader_id)}:{"heartbeat_timestamp":${second}`;
      const tail = `,"heartbeat_wait_interval":${entry.heartbeat_wait_interval}}`;
      const end = length + Buffer.byteLength(head);
      this.ends[index] = end;
      length = end + tail.length;
      parts.push(head, tail);
    }
    this.bytes = Buffer.from(parts.join(''));
  }

  get length(): number {
    return this.bytes.length;
  }

  /**
   * A copy with other seconds. Each has as many digits as the one that this was made with.
   * @param copy of {@link length}, to be written
   */
  with(seconds: readonly number[], copy: Buffer): Buffer {
    this.bytes.copy(copy);
    for (let index = 0; index < seconds.length; index += 1) writeDigits(copy, this.ends[index]!, seconds[index]!);
    return copy;
  }
}

/** Writes a number that is not negative so that it ends before `end`. */
function writeDigits(bytes: Buffer, end: number, number: number): void {
  let at = end;
  let rest = number;
  do {
    const tenth = Math.floor(rest / 10);
    at -= 1;
    bytes[at] = ZERO + rest - tenth * 10;
    rest = tenth;
  } while (rest > 0);
}
