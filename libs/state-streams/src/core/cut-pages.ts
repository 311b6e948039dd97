import type { SnapshotEntry } from '@signalbox/contracts/streams';

export interface PageLimits {
  maxEntries: number;
  /** Of the whole page as JSON in UTF-8. An entry that alone is larger gets a page to itself. */
  maxBytes: number;
}

/** The most that the members beside `entries` take: names, numbers, a stream name and an id. */
const ENVELOPE_BYTES = 1024;

/** Cuts entries into pages in their order. There is at least one page, also for an empty stream. */
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
