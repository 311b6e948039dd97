import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '@signalbox/platform';
import type { Config } from '../config.js';
import { BrokerSenders } from '../senders/broker-senders.js';
import { ReaderPlaces } from './reader-places.rules.js';

/** The readers of one partition, each with the places that it takes. */
export interface PlacedReaders {
  places(): Iterable<readonly [readerId: string, places: number]>;
}

/** The places of the readers of all partitions of this process. */
@Injectable()
export class KnownPlaces {
  readonly places: ReaderPlaces;
  private readonly partitions = new Set<PlacedReaders>();

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
    this.partitions.add(partition);
  }

  /** The readers of the partition are not known here any more. */
  leave(partition: PlacedReaders): void {
    if (!this.partitions.delete(partition)) return;
    for (const [readerId, places] of partition.places()) this.places.removed(readerId, places);
  }

  private takeKeys(): void {
    this.places.setKeys(this.senders.keys, this.all());
  }

  private *all(): Iterable<readonly [string, number]> {
    for (const partition of this.partitions) yield* partition.places();
  }
}
