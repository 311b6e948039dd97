import type { ReaderState } from '@signalbox/contracts/streams';
import { presentReader } from './reader-status.presenter.js';
import { HeartbeatText } from './heartbeat-text.js';
import type { ShownReader } from './shown-reader.js';

/** So few that their text is made in a fraction of a millisecond, and so many that 100,000 readers are some hundred chunks. */
export const CHUNK_SIZE = 256;

/** What some readers add to the maps of a version of a body: members, each with a comma before it. Never changed: versions share it. */
export interface ChunkBytes {
  readonly byState: Readonly<Record<ReaderState, Buffer>>;
  readonly heartbeats: HeartbeatText;
  readonly seconds: readonly number[];
}

/** Readers that stand side by side in the maps, and the bytes that were last made of them. */
export class ReaderChunk {
  readonly readers: ShownReader[] = [];
  private made: ChunkBytes | undefined;
  private isTextStale = true;
  private areSecondsStale = true;

  get isFull(): boolean {
    return this.readers.length >= CHUNK_SIZE;
  }

  /** A reader was added, changed or removed. */
  textChanged(): void {
    this.isTextStale = true;
  }

  /** A reader has another second, of as many digits. */
  secondsChanged(): void {
    this.areSecondsStale = true;
  }

  /**
   * Of the readers as they are now.
   * @param seconds whether also their seconds have to be, where nothing else has changed
   */
  bytes({ seconds }: { seconds: boolean }): ChunkBytes {
    const { readers, made } = this;
    if (made === undefined || this.isTextStale) {
      const [byState, heartbeats] = [textByState(readers), new HeartbeatText(readers)];
      this.made = { byState, heartbeats, seconds: secondsOf(readers) };
    } else if (this.areSecondsStale && seconds) this.made = { ...made, seconds: secondsOf(readers) };
    else return made;
    this.isTextStale = false;
    this.areSecondsStale = false;
    return this.made;
  }
}

function textByState(readers: readonly ShownReader[]): Record<ReaderState, Buffer> {
  const texts: Record<ReaderState, string> = { loading: '', live: '', dead: '' };
  for (const { entry } of readers)
    texts[entry.state] += `,${JSON.stringify(entry.reader_id)}:${JSON.stringify(presentReader(entry))}`;
  return { loading: Buffer.from(texts.loading), live: Buffer.from(texts.live), dead: Buffer.from(texts.dead) };
}

const secondsOf = (readers: readonly ShownReader[]): number[] => readers.map(({ second }) => second);
