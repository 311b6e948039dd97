import { z } from 'zod';
import type { SourceEvent } from './page.rules.js';

/** Ids that are remembered besides those of the last page. */
const REMEMBERED = 500;

/** What is stored of the feed of an endpoint. */
export const feedPosition = z.object({
  cursor: z.string().nullable(),
  /** Ids of events that were published, the oldest first. */
  recent: z.array(z.string()),
  /** When the newest published event happened, as it said; Unix ms. */
  newest_change_at: z.number().nullable(),
});
export type FeedPosition = z.infer<typeof feedPosition>;

export const START: FeedPosition = { cursor: null, recent: [], newest_change_at: null };

/** Events of a page that were not published before, each once, in the order of the page. */
export function unknownOf(events: readonly SourceEvent[], { recent }: FeedPosition): SourceEvent[] {
  const known = new Set(recent);
  return events.filter(({ id }) => !known.has(id) && known.add(id));
}

/** The position when a page is published. The ids of the whole page are kept: a last page comes again with each poll. */
export function positionAfter(
  position: FeedPosition,
  { events, nextCursor }: { events: readonly SourceEvent[]; nextCursor: string | undefined },
): FeedPosition {
  const page = new Set(events.map(({ id }) => id));
  const older = position.recent.filter((id) => !page.has(id));
  const times = events.flatMap(({ occurredAt }) => (typeof occurredAt === 'number' ? [Math.floor(occurredAt)] : []));
  const newest = Math.max(position.newest_change_at ?? -1, ...times);
  return {
    cursor: nextCursor ?? position.cursor,
    recent: [...older.slice(-REMEMBERED), ...page],
    newest_change_at: newest < 0 ? null : newest,
  };
}
