import { z } from 'zod';

/** The caller of a request, for the audit log. */
export const askedBy = z.object({
  key_id: z.string().nullable(),
  request_id: z.string(),
  /** The address that the request came from. */
  address: z.string(),
});
export type AskedBy = z.infer<typeof askedBy>;
