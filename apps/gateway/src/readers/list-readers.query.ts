import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { ReaderPage, ReaderQuery, ReaderSummary } from '@signalbox/contracts/http';
import { invalidMember } from '../http/errors/invalid-request.js';
import { readersUnknown } from './reader-errors.js';
import { ReadersView, type ReaderRecord } from './readers.view.js';
import { FacetCounts } from './facet-counts.rules.js';
import { FirstOnes } from './first-ones.js';
import { readerFilter } from './reader-filter.rules.js';
import { cursorOf, placeIn, readerOrder, type Place } from './reader-order.rules.js';

/** Readers that are looked at without a pause: less than a millisecond once the code is warm. There may be hundreds of thousands. */
const AT_ONCE = 1_000;

interface Placed {
  readonly place: Place;
  readonly record: ReaderRecord;
}

/** A page of the readers that the filters let through, and how many there are by their members. */
@Injectable()
export class ListReadersQuery {
  constructor(private readonly readers: ReadersView) {}

  /** @throws ApiError 400 a cursor of another order, 503 before the first snapshot */
  async execute({ sort, cursor, limit, ...filters }: ReaderQuery): Promise<ReaderPage> {
    if (!this.readers.hasSnapshot) throw readersUnknown();
    const after = cursor === undefined ? undefined : placeIn(cursor, sort);
    if (cursor !== undefined && after === undefined)
      throw invalidMember('cursor', 'is none that a page with this sort has returned');
    const { placeOf, compare } = readerOrder(sort);
    const keptOutBy = readerFilter(filters);
    const counts = new FacetCounts();
    // One more than a page has: whether there is another page.
    const first = new FirstOnes<Placed>(limit + 1, (a, b) => compare(a.place, b.place));
    let total = 0;
    let looked = 0;
    // A change meanwhile is in the page, or not.
    for (const record of this.readers.all()) {
      looked += 1;
      if (looked % AT_ONCE === 0) await setImmediate();
      const by = keptOutBy(record.entry);
      counts.add(record.entry, by);
      if (by !== 'none') continue;
      total += 1;
      const place = placeOf(record);
      if (after === undefined || compare(place, after) > 0) first.add({ place, record });
    }
    const found = first.result();
    const page = found.slice(0, limit);
    return {
      data: page.map(({ record }) => present(record)),
      next_cursor: found.length > limit ? cursorOf(sort, page.at(-1)!.place) : null,
      total,
      counts: counts.result(),
    };
  }
}

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
