import type { ReaderEntry } from '@signalbox/contracts/streams';
import { FirstOnes } from './first-ones.rules.js';
import { byId, type Derived, type KeptReaders, type ReaderPlace, type SortedReaders } from './kept-readers.js';
import type { Place, ReaderOrder } from './reader-order.rules.js';
import type { ReaderRecord, ReadersView } from './readers.view.js';
import { SortedList } from './sorted-list.rules.js';

export interface Placed {
  readonly place: Place;
  readonly record: ReaderRecord;
}

export interface WantedPage {
  readonly order: ReaderOrder;
  /** Undefined: the first page. */
  readonly after: Place | undefined;
  readonly most: number;
  readonly isWanted: (reader: ReaderEntry) => boolean;
}

/** Finds the readers of a page. In the order of ids and of times of states it looks at no more than it has to. */
export class ReaderPages {
  constructor(
    private readonly readers: Pick<ReadersView, 'of'>,
    private readonly kept: KeptReaders,
  ) {}

  /** A change meanwhile is in it, or not. */
  async find(page: WantedPage): Promise<readonly Placed[]> {
    const { key } = page.order;
    if (key === 'last_heartbeat_at') return this.ofAll(page);
    return this.inKept(key === 'since' ? await this.bySince() : await this.kept.inOrder(), page);
  }

  private async inKept(list: SortedReaders, { order, after, most, isWanted }: WantedPage): Promise<Placed[]> {
    const found: Placed[] = [];
    await this.kept.look({
      list,
      after: after && keptPlace(after),
      isReversed: order.isDescending,
      see: (reader) => {
        if (isWanted(reader)) found.push(this.placed(reader, order));
        return found.length < most;
      },
    });
    return found;
  }

  /** Heartbeats come too often for an order of them to be kept. */
  private async ofAll({ order, after, most, isWanted }: WantedPage): Promise<readonly Placed[]> {
    const first = new FirstOnes<Placed>(most, (a, b) => order.compare(a.place, b.place));
    await this.kept.look({
      list: await this.kept.inOrder(),
      see: (reader) => {
        if (!isWanted(reader)) return true;
        const placed = this.placed(reader, order);
        if (after === undefined || order.compare(placed.place, after) > 0) first.add(placed);
        return true;
      },
    });
    return first.result();
  }

  private async bySince(): Promise<SortedReaders> {
    return (await this.kept.derive('since', () => new ReadersBySince())).list;
  }

  private placed({ reader_id }: ReaderEntry, { placeOf }: ReaderOrder): Placed {
    const record = this.readers.of(reader_id)!;
    return { place: placeOf(record), record };
  }
}

class ReadersBySince implements Derived {
  readonly list: SortedReaders = new SortedList((a, b) => a.since - b.since || byId(a, b));
  readonly canFollow = true;

  add(reader: ReaderEntry): void {
    this.list.put(reader);
  }

  remove(reader: ReaderEntry): void {
    this.list.remove(reader);
  }
}

const keptPlace = ({ value, id }: Place): ReaderPlace => ({
  reader_id: id,
  since: typeof value === 'number' ? value : 0,
});
