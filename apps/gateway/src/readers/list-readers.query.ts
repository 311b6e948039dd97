import { Injectable } from '@nestjs/common';
import type { ReaderPage, ReaderQuery, ReaderSummary } from '@signalbox/contracts/http';
import { invalidMember } from '../http/errors/invalid-request.js';
import { readersUnknown } from './reader-errors.js';
import { ReadersView, type ReaderRecord } from './readers.view.js';
import { FilteredCounts } from './filtered-counts.js';
import { KeptReaders } from './kept-readers.js';
import { readerFilter, type Filters } from './reader-filter.rules.js';
import { cursorOf, placeIn, readerOrder } from './reader-order.rules.js';
import { ReaderPages } from './reader-pages.js';

/** A page of the readers that the filters let through, and how many there are by their members. */
@Injectable()
export class ListReadersQuery {
  private readonly kept: KeptReaders;
  private readonly pages: ReaderPages;

  constructor(private readonly readers: ReadersView) {
    this.kept = new KeptReaders(readers);
    this.pages = new ReaderPages(readers, this.kept);
  }

  /** @throws ApiError 400 a cursor of another order, 503 before the first snapshot */
  async execute({ sort, cursor, limit, ...filters }: ReaderQuery): Promise<ReaderPage> {
    if (!this.readers.hasSnapshot) throw readersUnknown();
    const after = cursor === undefined ? undefined : placeIn(cursor, sort);
    if (cursor !== undefined && after === undefined)
      throw invalidMember('cursor', 'is none that a page with this sort has returned');
    const keptOutBy = readerFilter(filters);
    const counts = await this.kept.derive(nameOf(filters), () => new FilteredCounts(keptOutBy));
    // One more than a page has: whether there is another page.
    const found = await this.pages.find({
      order: readerOrder(sort),
      after,
      most: limit + 1,
      isWanted: (reader) => keptOutBy(reader) === 'none',
    });
    const page = found.slice(0, limit);
    return {
      data: page.map(({ record }) => present(record)),
      next_cursor: found.length > limit ? cursorOf(sort, page.at(-1)!.place) : null,
      total: counts.total,
      counts: counts.facets.result(),
    };
  }
}

/** The same for the same filters. */
const nameOf = ({ state, flapping, group, model, type, device, search }: Filters): string =>
  JSON.stringify([state?.toSorted() ?? null, flapping, group, model, type, device, search?.toLowerCase()]);

const present = ({ entry, receivedAt }: ReaderRecord): ReaderSummary => ({
  reader_id: entry.reader_id,
  state: entry.state,
  since: entry.since,
  last_heartbeat_at: receivedAt,
  heartbeat_wait_interval: entry.heartbeat_wait_interval,
  flapping_since: entry.flapping_since,
  consumer_groups: entry.consumer_groups,
  model_name: entry.model_name,
  model_type: entry.model_type,
  device: entry.device,
});
