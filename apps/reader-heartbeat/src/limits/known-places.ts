import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, LoopTurns } from '@signalbox/platform';
import type { Config } from '../config.js';
import { BrokerSenders } from '../senders/broker-senders.js';
import { ReaderPlaces } from './reader-places.rules.js';

const SLICE_MS = 3;

/** The readers of one partition, each with the places that it takes. */
export interface PlacedReaders {
  /** In the same order as before, where nothing has changed. */
  places(): Iterable<readonly [readerId: string, places: number]>;
}

/** The places of the readers of all partitions of this process. */
@Injectable()
export class KnownPlaces {
  readonly places: ReaderPlaces;
  /** With how many of its first readers are not counted any more, because it is leaving. */
  private readonly partitions = new Map<PlacedReaders, number>();
  private readonly leaving = new Set<PlacedReaders>();
  private readonly turns = new LoopTurns();

  constructor(
    private readonly senders: BrokerSenders,
    @Inject(CONFIG) { SIGNALBOX_MAX_READERS: all, SIGNALBOX_MAX_READERS_PER_KEY: perKey }: Config,
  ) {
    this.places = new ReaderPlaces({ all, perKey });
    this.takeKeys();
    senders.onKeys(() => this.takeKeys());
  }

  /** Counts with `places` from now on; it has no readers yet. */
  join(partition: PlacedReaders): void {
    this.partitions.set(partition, 0);
  }

  /** The readers of the partition, which does not change any more, are not known here. Resolves when none is counted: that is done beside other work. */
  async leave(partition: PlacedReaders): Promise<void> {
    if (!this.partitions.has(partition) || this.leaving.has(partition)) return;
    this.leaving.add(partition);
    const slices = this.turns.slices(SLICE_MS);
    let left = 0;
    for (const [readerId, places] of partition.places()) {
      if (slices.isOver) await slices.next();
      this.places.removed(readerId, places);
      left += 1;
      this.partitions.set(partition, left);
    }
    this.partitions.delete(partition);
    this.leaving.delete(partition);
  }

  private takeKeys(): void {
    this.places.setKeys(this.senders.keys, this.all());
  }

  private *all(): Iterable<readonly [string, number]> {
    for (const [partition, left] of this.partitions) {
      let at = 0;
      for (const placed of partition.places()) {
        if (at >= left) yield placed;
        at += 1;
      }
    }
  }
}
