import type { ReaderState } from '@signalbox/contracts/streams';
import type { BodyVersion } from '../http/caching/body-version.js';
import { ByteBlocks } from '../http/caching/byte-blocks.js';
import type { ChunkBytes } from './reader-chunk.js';

/** A text, or the members of a map: the readers in a state, or the last heartbeats of all. */
export type Segment = { readonly text: string } | { readonly map: ReaderState | 'heartbeats' };

/** The members of `status` that are maps. */
export const MAPS: readonly Segment[] = [
  { text: '"dead_readers":{' },
  { map: 'dead' },
  { text: '},"last_heartbeat":{' },
  { map: 'heartbeats' },
  { text: '},"live_readers":{' },
  { map: 'live' },
  { text: '},"loading_readers":{' },
  { map: 'loading' },
  { text: '}' },
];

/** For the heartbeats: they are other bytes in each version. */
const blocks = new ByteBlocks();
/** Of a second that is kept. */
const SECOND_BYTES = 8;

/** One version of the body of `GET /status`. It shares most of its bytes with the versions before and after it. */
export class StatusVersion implements BodyVersion {
  readonly length: number;

  constructor(
    readonly etag: string,
    private readonly segments: readonly Segment[],
    private readonly chunks: readonly ChunkBytes[],
  ) {
    this.length = segments.reduce((sum, segment) => sum + this.lengthOf(segment), 0);
  }

  *pieces(): Generator<Buffer> {
    for (const segment of this.segments) {
      if ('text' in segment) yield Buffer.from(segment.text);
      else yield* this.members(segment.map);
    }
  }

  recycle(piece: Buffer): void {
    blocks.giveBack(piece);
  }

  /** How many bytes would be freed if the next version was the only one. Too many rather than too few. */
  bytesBesides(next: StatusVersion): number {
    return this.chunks.reduce((sum, chunk, index) => sum + bytesBesides(chunk, next.chunks[index]), 0);
  }

  private *members(map: ReaderState | 'heartbeats'): Generator<Buffer> {
    let isFirst = true;
    for (const chunk of this.chunks) {
      const bytes = map === 'heartbeats' ? heartbeatsOf(chunk) : chunk.byState[map];
      if (bytes.length === 0) continue;
      yield isFirst ? bytes.subarray(1) : bytes;
      isFirst = false;
    }
  }

  private lengthOf(segment: Segment): number {
    if ('text' in segment) return Buffer.byteLength(segment.text);
    const members = this.chunks.reduce((sum, chunk) => sum + lengthIn(chunk, segment.map), 0);
    // The first member has no comma before it.
    return Math.max(0, members - 1);
  }
}

const heartbeatsOf = ({ heartbeats, seconds }: ChunkBytes): Buffer =>
  heartbeats.with(seconds, blocks.take(heartbeats.length));

const lengthIn = ({ byState, heartbeats }: ChunkBytes, map: ReaderState | 'heartbeats'): number =>
  map === 'heartbeats' ? heartbeats.length : byState[map].length;

function bytesBesides(chunk: ChunkBytes, next: ChunkBytes | undefined): number {
  if (chunk === next) return 0;
  const seconds = chunk.seconds.length * SECOND_BYTES;
  if (chunk.byState === next?.byState) return seconds;
  const { dead, live, loading } = chunk.byState;
  return dead.length + live.length + loading.length + chunk.heartbeats.length + seconds;
}
