import { Injectable } from '@nestjs/common';
import type { ReaderFacts } from '@signalbox/component-status';
import { readersStream, type ReaderEntry, type ReaderState } from '@signalbox/contracts/streams';
import { FollowedStreams, type Collection, type CollectionIndex } from '@signalbox/state-streams';

/** Enough to begin with; `GET /status` lists them all. */
const MOST_SHOWN = 20;

/** How many readers are in which state, and the dead ones. */
@Injectable()
export class ReaderStates {
  private readonly readers: Collection<ReaderEntry>;
  private readonly byState: CollectionIndex<ReaderEntry>;
  private last: { readonly revision: number; readonly facts: ReaderFacts } | undefined;

  constructor(streams: FollowedStreams) {
    this.readers = streams.follow(readersStream(0), { requiredForReadiness: false }).collections.reader;
    this.byState = this.readers.indexBy(({ state }) => state);
  }

  count(): Record<ReaderState, number> {
    const { byState } = this;
    return { loading: byState.size('loading'), live: byState.size('live'), dead: byState.size('dead') };
  }

  /** Sorted once a change: a hundred thousand may be dead. */
  facts(): ReaderFacts {
    const { revision } = this.readers;
    if (this.last?.revision !== revision) this.last = { revision, facts: this.compose() };
    return this.last.facts;
  }

  private compose(): ReaderFacts {
    return { ...this.count(), latestDead: latest(this.byState.get('dead')) };
  }
}

const latest = (readers: Iterable<ReaderEntry>): ReaderFacts['latestDead'] =>
  [...readers]
    .map(({ reader_id: id, since }) => ({ id, since }))
    .toSorted((a, b) => b.since - a.since)
    .slice(0, MOST_SHOWN);
