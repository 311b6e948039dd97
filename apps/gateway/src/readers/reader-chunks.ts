import type { ReaderEntry } from '@signalbox/contracts/streams';
import { shownSecond } from '@signalbox/status-facts';
import type { ReaderRecord } from './readers.view.js';
import { CHUNK_SIZE, ReaderChunk, type ChunkBytes } from './reader-chunk.js';
import type { ShownReader } from './shown-reader.js';

/** A chunk of fewer readers joins one beside it that has room. */
const SPARSE = CHUNK_SIZE / 4;

interface Placed extends ShownReader {
  chunk: ReaderChunk;
}

/** The readers in the order in which they came, as bytes. A change makes the text of one chunk stale, a heartbeat only a number in it. */
export class ReaderChunks {
  private readonly byId = new Map<string, Placed>();
  private readonly chunks: ReaderChunk[] = [];
  /** Whose text has to be made. */
  private readonly stale = new Set<ReaderChunk>();
  private areReadersChanged = false;
  private areSecondsChanged = false;

  /** How many chunks have text to be made. */
  get staleChunks(): number {
    return this.stale.size;
  }

  /** Whether readers were added, changed or removed since `bytes` was called. */
  get haveReadersChanged(): boolean {
    return this.areReadersChanged;
  }

  /** Whether any second has changed that `bytes` has not shown. */
  get haveSecondsChanged(): boolean {
    return this.areSecondsChanged;
  }

  put({ entry, receivedAt }: ReaderRecord): void {
    const second = shownSecond(receivedAt);
    const known = this.byId.get(entry.reader_id);
    if (known === undefined) return this.add(entry, second);
    if (known.entry !== entry || digits(known.second) !== digits(second)) this.textChanged(known.chunk);
    if (known.second !== second) {
      known.chunk.secondsChanged();
      this.areSecondsChanged = true;
    }
    known.entry = entry;
    known.second = second;
  }

  remove(readerId: string): void {
    const known = this.byId.get(readerId);
    if (known === undefined) return;
    const { chunk } = known;
    this.byId.delete(readerId);
    chunk.readers.splice(chunk.readers.indexOf(known), 1);
    this.textChanged(chunk);
    if (chunk.readers.length < SPARSE) this.join(chunk);
  }

  /** Makes the text of so many chunks. */
  makeText(chunks: number): void {
    let made = 0;
    for (const chunk of this.stale) {
      if (made === chunks) return;
      chunk.bytes({ seconds: true });
      this.stale.delete(chunk);
      made += 1;
    }
  }

  /**
   * Of the readers as they are now. Makes what is stale.
   * @param seconds false: where nothing else has changed, those of the last time will do
   */
  bytes({ seconds }: { seconds: boolean }): readonly ChunkBytes[] {
    this.stale.clear();
    this.areReadersChanged = false;
    if (seconds) this.areSecondsChanged = false;
    return this.chunks.map((chunk) => chunk.bytes({ seconds }));
  }

  private add(entry: ReaderEntry, second: number): void {
    let chunk = this.chunks.at(-1);
    if (chunk === undefined || chunk.isFull) this.chunks.push((chunk = new ReaderChunk()));
    const reader: Placed = { entry, second, chunk };
    chunk.readers.push(reader);
    this.byId.set(entry.reader_id, reader);
    this.textChanged(chunk);
  }

  private textChanged(chunk: ReaderChunk): void {
    chunk.textChanged();
    this.stale.add(chunk);
    this.areReadersChanged = true;
  }

  private join(chunk: ReaderChunk): void {
    const at = this.chunks.indexOf(chunk);
    if (chunk.readers.length === 0 || this.fits(at - 1, at)) this.moveToEndOf(at - 1, at);
    else if (this.fits(at, at + 1)) this.moveToEndOf(at, at + 1);
  }

  private fits(into: number, from: number): boolean {
    const [target, source] = [this.chunks[into], this.chunks[from]];
    return target !== undefined && source !== undefined && target.readers.length + source.readers.length <= CHUNK_SIZE;
  }

  /** Appends the readers of the second chunk to those of the first, and drops it. */
  private moveToEndOf(into: number, from: number): void {
    const [source] = this.chunks.splice(from, 1) as [ReaderChunk];
    this.stale.delete(source);
    const target = this.chunks[into];
    if (target === undefined || source.readers.length === 0) return;
    for (const reader of source.readers) (reader as Placed).chunk = target;
    target.readers.push(...source.readers);
    this.textChanged(target);
  }
}

/** Those of Unix seconds between 2001 and 2286 need no text. */
const digits = (second: number): number => (second >= 1e9 && second < 1e10 ? 10 : String(second).length);
