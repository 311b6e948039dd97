import type { SnapshotEntry } from '@signalbox/contracts/streams';

export interface PageLimits {
  maxEntries: number;
  /** Of the whole page as JSON in UTF-8. One entry that alone is larger still gets a page, to itself. */
  maxBytes: number;
}

/** What a page's members beside `entries` may take: names, numbers, a stream name and an id. */
const ENVELOPE_BYTES = 1024;

/** Cuts entries into pages in their order. There is at least one page, so that an empty stream has an answer too. */
export function cutPages(entries: readonly SnapshotEntry[], { maxEntries, maxBytes }: PageLimits): SnapshotEntry[][] {
  let page: SnapshotEntry[] = [];
  let room = maxBytes - ENVELOPE_BYTES;
  const pages = [page];
  for (const entry of entries) {
    const bytes = Buffer.byteLength(JSON.stringify(entry)) + 1;
    if (page.length > 0 && (page.length >= maxEntries || bytes > room)) {
      page = [];
      room = maxBytes - ENVELOPE_BYTES;
      pages.push(page);
    }
    page.push(entry);
    room -= bytes;
  }
  return pages;
}
