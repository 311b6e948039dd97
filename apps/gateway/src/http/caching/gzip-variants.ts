import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import type { Clock } from '@signalbox/platform';
import type { BodyVersion } from './body-version.js';
import { PieceStream } from './piece-stream.js';

/** A version is compressed at most so often, ms: those between are sent as they are. */
const INTERVAL_MS = 1_000;
const OUTPUT_BYTES = 256 * 1_024;

/** The versions of one body, compressed: in a thread of the pool, when first asked for, and once for all who ask. */
export class GzipVariants {
  private readonly done = new WeakMap<BodyVersion, BodyVersion>();
  private readonly begun = new WeakMap<BodyVersion, Promise<BodyVersion>>();
  private lastBegunAt = -Infinity;

  constructor(private readonly clock: Clock) {}

  /** Undefined: it is not compressed, or not yet. */
  now(version: BodyVersion): BodyVersion | undefined {
    return this.done.get(version);
  }

  /** Whether asking for it is of use: not for versions that follow each other too fast. */
  canGive(version: BodyVersion): boolean {
    return this.begun.has(version) || this.clock.monotonic() - this.lastBegunAt >= INTERVAL_MS;
  }

  of(version: BodyVersion): Promise<BodyVersion> {
    const known = this.begun.get(version);
    if (known !== undefined) return known;
    this.lastBegunAt = this.clock.monotonic();
    const made = compress(version);
    this.begun.set(version, made);
    made.then(
      (variant) => this.done.set(version, variant),
      () => this.begun.delete(version),
    );
    return made;
  }
}

async function compress(version: BodyVersion): Promise<BodyVersion> {
  const pieces: Buffer[] = [];
  const packer = createGzip({ level: constants.Z_BEST_SPEED, chunkSize: OUTPUT_BYTES });
  await pipeline(new PieceStream(version, packer), packer, async (packed: AsyncIterable<Buffer>) => {
    for await (const piece of packed) pieces.push(piece);
  });
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  // The same version in other bytes.
  return { etag: `W/${version.etag}`, length, pieces: () => pieces };
}
