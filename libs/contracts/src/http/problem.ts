import { z } from 'zod';

/** An error where no document prescribes another shape: RFC 9457 with `code` and `request_id`. */
export const problemDetails = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  code: z.string().describe('Stable name of the error, for programs'),
  request_id: z.string().describe('Also in the X-Request-Id header and in the logs'),
  suggestion: z.string().optional().describe('What the caller can do about it'),
  errors: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .optional()
    .describe('What is wrong with each member of the request'),
  limit: z.int().optional().describe('With 429: how many requests are allowed in `window_size`'),
  remaining: z.int().optional().describe('With 429: how many of them are left'),
  reset_time: z.int().optional().describe('With 429: Unix seconds of the next window'),
  window_size: z.int().optional().describe('With 429: seconds'),
});
