import { z } from 'zod';
import { keyMode, role } from '../roles.js';
import { text } from '../text.js';
import { DEFAULT_ACCOUNT } from '../tiers.js';

/** `POST /v1/keys`. */
export const createKeyBody = z.strictObject({
  name: text({ max: 100 }).describe('What the key is for, as people will know it'),
  role: role.default('member').describe('member may read, manager may also write, admin may do all'),
  mode: keyMode.default('live').describe('Test keys have the prefix sk_test_.'),
  account: z.string().max(100).default(DEFAULT_ACCOUNT).describe('Id of the account that the key belongs to'),
  expires_at: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('From this time on the key is refused; default: never'),
});
export type CreateKeyBody = z.infer<typeof createKeyBody>;

/** A key as it is listed: never the key itself. */
export const apiKey = z.object({
  id: z.string().describe('Identifies the key in this API; not the key itself'),
  name: z.string(),
  role,
  mode: keyMode,
  account: z.string().describe('Id of the account that it belongs to'),
  hint: z.string().describe('The beginning and the end of the key, to recognise it by'),
  created_at: z.iso.datetime(),
  created_by: z.string().nullable().describe('Id of the key that created it; null for the bootstrap key'),
  expires_at: z.iso.datetime().nullable(),
  revoked_at: z.iso.datetime().nullable(),
});
export type ApiKey = z.infer<typeof apiKey>;

export const createdKey = apiKey.extend({
  key: z.string().describe('The key. Only this answer contains it.'),
});
export type CreatedKey = z.infer<typeof createdKey>;

export const keyList = z.object({ data: z.array(apiKey) });
