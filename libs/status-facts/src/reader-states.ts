import { Injectable } from '@nestjs/common';
import type { ReaderFacts, ReaderSince } from '@signalbox/component-status';
import type { ReaderEntry, ReaderState } from '@signalbox/contracts/streams';
import { Readers } from './readers/readers.js';

/** Enough to begin with; `GET /status` lists them all. */
const MOST_SHOWN = 20;

const none = (): Record<ReaderState, number> => ({ loading: 0, live: 0, dead: 0 });

/** How many readers are in which state, and which are dead or flapping. */
@Injectable()
export class ReaderStates {
  private readonly all = none();
  private readonly calm = none();
  /** Those that are dead or flapping. */
  private readonly listed = new Map<string, ReaderEntry>();
  private last: ReaderFacts | undefined;

  constructor(readers: Readers) {
    for (const { entry } of readers.values()) this.add(entry);
    readers.onShown((readerId, change) => {
      if (change === undefined) return;
      if (change.before !== undefined) this.remove(readerId, change.before);
      if (change.after !== undefined) this.add(change.after);
    });
  }

  count(): Record<ReaderState, number> {
    return { ...this.all };
  }

  /** Sorted once a change: a hundred thousand may be dead. */
  facts(): ReaderFacts {
    return (this.last ??= this.compose());
  }

  private add(entry: ReaderEntry): void {
    this.move(entry, 1);
    if (isListed(entry)) this.listed.set(entry.reader_id, entry);
  }

  private remove(readerId: string, entry: ReaderEntry): void {
    this.move(entry, -1);
    if (isListed(entry)) this.listed.delete(readerId);
  }

  private move({ state, flapping_since }: ReaderEntry, by: 1 | -1): void {
    this.all[state] += by;
    if (flapping_since === null) this.calm[state] += by;
    this.last = undefined;
  }

  private compose(): ReaderFacts {
    const dead: ReaderSince[] = [];
    const flapping: ReaderSince[] = [];
    for (const { reader_id: id, since, flapping_since } of this.listed.values())
      if (flapping_since === null) dead.push({ id, since });
      else flapping.push({ id, since: flapping_since });
    return {
      loading: this.calm.loading,
      live: this.calm.live,
      dead: dead.length,
      flapping: flapping.length,
      latestDead: latest(dead),
      latestFlapping: latest(flapping),
    };
  }
}

const isListed = ({ state, flapping_since }: ReaderEntry): boolean => state === 'dead' || flapping_since !== null;

const latest = (readers: readonly ReaderSince[]): ReaderSince[] =>
  readers.toSorted((a, b) => b.since - a.since).slice(0, MOST_SHOWN);
