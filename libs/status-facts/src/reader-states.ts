import { Injectable } from '@nestjs/common';
import type { ReaderFacts, ReaderSince } from '@signalbox/component-status';
import { readersStream, readerState, type ReaderEntry, type ReaderState } from '@signalbox/contracts/streams';
import { FollowedStreams, type Collection, type CollectionIndex } from '@signalbox/state-streams';

/** Enough to begin with; `GET /status` lists them all. */
const MOST_SHOWN = 20;

const FLAPPING = 'flapping ';

/** How many readers are in which state, and which are dead or flapping. */
@Injectable()
export class ReaderStates {
  private readonly readers: Collection<ReaderEntry>;
  private readonly byState: CollectionIndex<ReaderEntry>;
  private last: { readonly revision: number; readonly facts: ReaderFacts } | undefined;

  constructor(streams: FollowedStreams) {
    this.readers = streams.follow(readersStream(0), { requiredForReadiness: false }).collections.reader;
    this.byState = this.readers.indexBy(({ state, flapping_since }) =>
      flapping_since === null ? state : FLAPPING + state,
    );
  }

  count(): Record<ReaderState, number> {
    const countOf = (state: ReaderState): number => this.byState.size(state) + this.byState.size(FLAPPING + state);
    return { loading: countOf('loading'), live: countOf('live'), dead: countOf('dead') };
  }

  /** Sorted once a change: a hundred thousand may be dead. */
  facts(): ReaderFacts {
    const { revision } = this.readers;
    if (this.last?.revision !== revision) this.last = { revision, facts: this.compose() };
    return this.last.facts;
  }

  private compose(): ReaderFacts {
    const { byState } = this;
    const dead = [...byState.get('dead')].map(({ reader_id: id, since }) => ({ id, since }));
    const flapping = readerState.options.flatMap((state) =>
      [...byState.get(FLAPPING + state)].map(({ reader_id: id, flapping_since }) => ({
        id,
        since: flapping_since ?? 0,
      })),
    );
    return {
      loading: byState.size('loading'),
      live: byState.size('live'),
      dead: dead.length,
      flapping: flapping.length,
      latestDead: latest(dead),
      latestFlapping: latest(flapping),
    };
  }
}

const latest = (readers: readonly ReaderSince[]): ReaderSince[] =>
  readers.toSorted((a, b) => b.since - a.since).slice(0, MOST_SHOWN);
