import type { ReaderEntry } from '@signalbox/contracts/streams';
import { FirstOnes } from './first-ones.rules.js';
import type { KeptReaders, ReaderPlace, SortedReaders } from './kept-readers.js';
import type { Place, ReaderOrder } from './reader-order.rules.js';
import type { ReaderRecord, ReadersView } from './readers.view.js';

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
    return this.inKept(await this.kept.inOrder(key), page);
  }

  private async inKept(list: SortedReaders, { order, after, most, isWanted }: WantedPage): Promise<Placed[]> {
    const found = new Map<string, Placed>();
    await this.kept.look({
      list,
      after: after && keptPlace(after),
      isReversed: order.isDescending,
      see: (reader) => {
        // One that has changed meanwhile may come again, at another place.
        if (!found.has(reader.reader_id) && isWanted(reader)) found.set(reader.reader_id, this.placed(reader, order));
        return found.size < most;
      },
    });
    return [...found.values()];
  }

  private async ofAll({ order, after, most, isWanted }: WantedPage): Promise<readonly Placed[]> {
    const first = new FirstOnes<Placed>(most, (a, b) => order.compare(a.place, b.place));
    await this.kept.look({
      list: await this.kept.inOrder('reader_id'),
      see: (reader) => {
        if (!isWanted(reader)) return true;
        const placed = this.placed(reader, order);
        if (after === undefined || order.compare(placed.place, after) > 0) first.add(placed);
        return true;
      },
    });
    return first.result();
  }

  private placed({ reader_id }: ReaderEntry, { placeOf }: ReaderOrder): Placed {
    const record = this.readers.of(reader_id)!;
    return { place: placeOf(record), record };
  }
}

const keptPlace = ({ value, id }: Place): ReaderPlace => ({
  reader_id: id,
  since: typeof value === 'number' ? value : 0,
});
