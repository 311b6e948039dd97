import { z } from 'zod';
import { text } from '../text.js';

const time = z.iso.datetime({ offset: true });
const message = text({ max: 1_000 }).describe('What clients see as `notice` of `GET /v1/status`');

/** `POST /v1/notices`. */
export const scheduleNoticeBody = z.strictObject({
  message,
  components: z
    .array(z.string().max(50))
    .min(1)
    .max(20)
    .describe('The components that are maintained: they count at most as degraded meanwhile.'),
  starts_at: time.optional().describe('Default: now'),
  ends_at: time.describe('When it is expected to be over: `estimated_completion`'),
});
export type ScheduleNoticeBody = z.infer<typeof scheduleNoticeBody>;

/** `PATCH /v1/notices/{id}`: what is left out stays as it is. */
export const changeNoticeBody = z
  .strictObject({ message: message.exactOptional(), ends_at: time.exactOptional() })
  .refine((body) => Object.keys(body).length > 0, 'has nothing to change: give message, ends_at or both');
export type ChangeNoticeBody = z.infer<typeof changeNoticeBody>;

export const notice = z.object({
  id: z.string(),
  type: z.literal('maintenance'),
  state: z
    .enum(['scheduled', 'active', 'completed', 'cancelled'])
    .describe('cancelled: it was ended before its time began'),
  message: z.string(),
  components: z.array(z.string()),
  starts_at: z.iso.datetime(),
  ends_at: z.iso.datetime(),
  created_at: z.iso.datetime(),
  created_by: z.string().nullable().describe('Id of the key or of the person that scheduled it'),
});
export type Notice = z.infer<typeof notice>;

export const noticeList = z.object({ data: z.array(notice) });

/** As `GET /v1/status` shows it. */
export const shownNotice = z.object({
  type: z.literal('maintenance'),
  message: z.string(),
  estimated_completion: z.iso.datetime(),
});
export type ShownNotice = z.infer<typeof shownNotice>;
