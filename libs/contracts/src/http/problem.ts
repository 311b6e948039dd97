import { z } from 'zod';

/** An error where no document prescribes another shape: RFC 9457 with `code` and `request_id`. */
export const problemDetails = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  code: z.string().describe('Stable name of the error, for programs'),
  request_id: z.string().describe('Also in the X-Request-Id header and in the logs'),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
