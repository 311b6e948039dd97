import { z } from 'zod';
import { keyKind, keyMode, role } from '../roles.js';
import { isRead, scope, scopes } from '../scopes.js';
import { text } from '../text.js';
import { DEFAULT_ACCOUNT } from '../tiers.js';

const network = z.union([z.cidrv4(), z.cidrv6()], 'must be a network such as 203.0.113.0/24 or 2001:db8::/48');

const members = {
  name: text({ max: 100 }).describe('What the key is for, as people will know it'),
  role: role.default('member').describe('member may read, manager may also write, admin may do all'),
  kind: keyKind.default('secret').describe('publishable keys (pk_) can only read, as member'),
  mode: keyMode.default('live').describe('Test keys have the prefix sk_test_ or pk_test_.'),
  scopes: z
    .array(scope)
    .max(scopes.length)
    .default([])
    .describe('What of its role the key may use: `<area>:read` or `<area>:write`; empty: all of it'),
  networks: z
    .array(network)
    .max(50)
    .default([])
    .describe('The networks, in CIDR notation, that requests with the key may come from; empty: any'),
  account: text({ max: 100 }).default(DEFAULT_ACCOUNT).describe('Id of the account that the key belongs to'),
  expires_at: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('From this time on the key is refused; default: never'),
};

/** `POST /v1/keys`. */
export const createKeyBody = z
  .strictObject(members)
  .refine(({ kind, role: given }) => kind === 'secret' || given === 'member', {
    path: ['role'],
    message: 'must be member for a publishable key',
  })
  .refine(({ kind, scopes: given }) => kind === 'secret' || given.every(isRead), {
    path: ['scopes'],
    message: 'must be scopes that read for a publishable key',
  });
export type CreateKeyBody = z.infer<typeof createKeyBody>;

/** `POST /v1/keys/{id}/rotate`. */
export const rotateKeyBody = z.strictObject({
  overlap_seconds: z
    .int()
    .min(0)
    .max(604_800)
    .default(3_600)
    .describe('How long the key that is replaced still works, at most'),
});
export type RotateKeyBody = z.infer<typeof rotateKeyBody>;

/** A key as it is listed: never the key itself. */
export const apiKey = z.object({
  id: z.string().describe('Identifies the key in this API; not the key itself'),
  name: z.string(),
  role,
  kind: keyKind,
  mode: keyMode,
  scopes: z.array(z.string()),
  networks: z.array(z.string()),
  account: z.string().describe('Id of the account that it belongs to'),
  hint: z.string().describe('The beginning and the end of the key, to recognise it by'),
  created_at: z.iso.datetime(),
  created_by: z
    .string()
    .nullable()
    .describe('Id of the key or of the person that created it; null for the bootstrap key'),
  expires_at: z.iso.datetime().nullable(),
  revoked_at: z.iso.datetime().nullable(),
  rotated_to: z.string().nullable().describe('Id of the key that replaces it'),
  rotated_from: z.string().nullable().describe('Id of the key that it replaces'),
  last_used_at: z.iso.datetime().nullable().describe('Some seconds late; null: never'),
});
export type ApiKey = z.infer<typeof apiKey>;

export const createdKey = apiKey.extend({
  key: z.string().describe('The key. Only this answer contains it.'),
});
export type CreatedKey = z.infer<typeof createdKey>;

export const keyList = z.object({ data: z.array(apiKey) });
