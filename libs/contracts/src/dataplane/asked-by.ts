import { z } from 'zod';
import { role } from '../roles.js';

/** The caller of a request, for the audit trail. What has a default is not sent by the previous release. */
export const askedBy = z.object({
  /** Of the key, also where a token of the key was sent, or of the person; null: no request asked for it, or its caller is not known. */
  key_id: z.string().nullable(),
  /** Of the key, or of the person, as it was then. */
  name: z.string().nullable().default(null),
  /** The kind of credential. */
  via: z.enum(['key', 'token', 'session']).nullable().default(null),
  token_id: z.string().nullable().default(null),
  role: role.nullable().default(null),
  /** Id of the account. */
  account: z.string().nullable().default(null),
  request_id: z.string(),
  /** The address that the request came from. */
  address: z.string(),
});
export type AskedBy = z.infer<typeof askedBy>;
