import { z } from 'zod';
import { dataplaneName } from '../dataplane/dataplane-name.js';
import { readerPattern } from '../reader-pattern.js';
import { isBrokerKeyKind, keyKind, keyMode, role, type KeyKind } from '../roles.js';
import { isRead, scope, scopes } from '../scopes.js';
import { text } from '../text.js';
import { DEFAULT_ACCOUNT } from '../tiers.js';

const network = z.union([z.cidrv4(), z.cidrv6()], 'must be a network such as 203.0.113.0/24 or 2001:db8::/48');

const members = {
  name: text({ max: 100 }).describe('What the key is for, as people will know it'),
  role: role.default('member').describe('member may read, manager may also write, admin may do all'),
  kind: keyKind
    .default('secret')
    .describe(
      'publishable keys (pk_) can only read, as member; with keys for a reader (rk_) or an agent (ak_) these log in to the broker, and the HTTP API takes none of them',
    ),
  mode: keyMode.default('live').describe('Test keys have `_test_` in their prefix.'),
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
  readers: readerPattern
    .optional()
    .describe('For a key of kind reader: the ids of its readers, with * for any characters, such as `llama-*`'),
  dataplane: dataplaneName.optional().describe('For a key of kind agent: the name of its dataplane'),
  expires_at: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('From this time on the key is refused; default: never'),
};

/** The member that a key of this kind must have, and no other key may have. */
const OF_KIND = { readers: 'reader', dataplane: 'agent' } as const;

/** `POST /v1/keys`. */
export const createKeyBody = z.strictObject(members).superRefine((body, context) => {
  const refuse = (name: keyof typeof members, message: string): void =>
    context.addIssue({ code: 'custom', path: [name], message, input: body[name] });
  const { kind } = body;
  if (kind !== 'secret' && body.role !== 'member') refuse('role', `must be member for a key of kind ${kind}`);
  if (kind === 'publishable' && !body.scopes.every(isRead))
    refuse('scopes', 'must be scopes that read for a publishable key');
  if (isBrokerKeyKind(kind) && body.scopes.length > 0) refuse('scopes', `must be empty for a key of kind ${kind}`);
  for (const [name, only] of Object.entries(OF_KIND) as [keyof typeof OF_KIND, KeyKind][]) {
    if (kind === only && body[name] === undefined) refuse(name, `is required for a key of kind ${only}`);
    if (kind !== only && body[name] !== undefined) refuse(name, `is for keys of kind ${only} only`);
  }
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
  readers: z.string().nullable().describe('The readers that it is for; null for a key of another kind than reader'),
  dataplane: z.string().nullable().describe('The dataplane that it is for; null for a key of another kind than agent'),
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
