import type { Notice } from '@signalbox/contracts/http';
import type { NoticeEntry } from '@signalbox/contracts/streams';
import type { NoticeRow } from './notice.entity.js';

/** The notice as `/v1/notices` shows it at a time, Unix ms. */
export function toNotice(row: NoticeRow, now: number): Notice {
  return {
    id: row.id,
    type: 'maintenance',
    state: stateOf(row, now),
    message: row.message,
    components: row.components,
    starts_at: row.startsAt.toISOString(),
    ends_at: row.endsAt.toISOString(),
    created_at: row.createdAt.toISOString(),
    created_by: row.createdBy,
  };
}

export const toNoticeEntry = (row: NoticeRow): NoticeEntry => ({
  id: row.id,
  message: row.message,
  components: row.components,
  starts_at: row.startsAt.getTime(),
  ends_at: row.endsAt.getTime(),
});

/** One that was ended before its time began has no time left between its begin and its end. */
function stateOf({ startsAt, endsAt }: NoticeRow, now: number): Notice['state'] {
  if (endsAt <= startsAt) return 'cancelled';
  if (endsAt.getTime() <= now) return 'completed';
  return startsAt.getTime() <= now ? 'active' : 'scheduled';
}
