import { z } from 'zod';
import { keyKind, keyMode, role } from '../roles.js';
import { DEFAULT_ACCOUNT, tierLimits, tierName } from '../tiers.js';
import { publicJwk } from '../jwk.js';
import { defineStream, entries } from './stream-definition.js';

/**
 * An API key that is not revoked. The key itself is not in it: `sha256` (hex) identifies it and cannot be reversed,
 * since a key has 178 random bits.
 */
export const apiKeyEntry = z.object({
  id: z.string(),
  name: z.string(),
  role,
  mode: keyMode,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Unix ms; null: never. */
  expires_at: z.int().nullable(),
  /** Id of the account. Left out by gateways of releases without accounts. */
  account: z.string().default(DEFAULT_ACCOUNT),
  // Left out by gateways of releases without them. Strings, so that the key of a later release with further scopes is not refused.
  kind: keyKind.default('secret'),
  scopes: z.array(z.string()).default([]),
  networks: z.array(z.string()).default([]),
  /** Of a key of kind `reader`: see `readerPattern`. */
  readers: z.string().nullable().default(null),
  /** Of a key of kind `agent`: the name of its dataplane. */
  dataplane: z.string().nullable().default(null),
});
export type ApiKeyEntry = z.infer<typeof apiKeyEntry>;

/** The request limits of the accounts that have this tier. */
export const tierEntry = z.object({ name: tierName, ...tierLimits });
export type TierEntry = z.infer<typeof tierEntry>;

export const accountEntry = z.object({ id: z.string(), name: z.string(), tier: z.string() });
export type AccountEntry = z.infer<typeof accountEntry>;

/** A maintenance that is not over. Times: Unix ms. */
export const noticeEntry = z.object({
  id: z.string(),
  message: z.string(),
  components: z.array(z.string()),
  starts_at: z.int(),
  ends_at: z.int(),
});
export type NoticeEntry = z.infer<typeof noticeEntry>;

/** The session of a person. What the browser holds is not in it: `sha256` (hex) identifies it. Times: Unix ms. */
export const sessionEntry = z.object({
  id: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Id of the person, the same in each of their sessions. */
  person: z.string(),
  name: z.string(),
  role,
  account: z.string(),
  expires_at: z.int(),
  /** It ends then unless it is used before. */
  idle_expires_at: z.int(),
});
export type SessionEntry = z.infer<typeof sessionEntry>;
/** A key that signs tokens, without its private part. Its id is its thumbprint (RFC 7638). */
export const signingKeyEntry = z.object({ kid: z.string(), jwk: publicJwk });
export type SigningKeyEntry = z.infer<typeof signingKeyEntry>;

/** A token that was revoked before it expires. Unix ms. */
export const revokedTokenEntry = z.object({ id: z.string(), expires_at: z.int() });
export type RevokedTokenEntry = z.infer<typeof revokedTokenEntry>;

/** What the gateways publish to each other. */
export const gatewayStream = defineStream({
  name: 'gateway',
  entries: {
    key: entries('key', apiKeyEntry),
    account: entries('account', accountEntry),
    tier: entries('tier', tierEntry),
    notice: entries('notice', noticeEntry),
    session: entries('session', sessionEntry),
    signingKey: entries('signing-key', signingKeyEntry),
    revokedToken: entries('revoked-token', revokedTokenEntry),
  },
});
