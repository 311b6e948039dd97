import { z } from 'zod';
import { keyMode } from '../roles.js';
import { text } from '../text.js';
import { STANDARD_TIER, tierLimits, tierName } from '../tiers.js';

/** `PUT /v1/tiers/{name}`. */
export const putTierBody = z.strictObject(tierLimits);
export type PutTierBody = z.infer<typeof putTierBody>;

/** The request limits of the accounts that have it. */
export const tier = z.object({ name: tierName, ...tierLimits });
export type Tier = z.infer<typeof tier>;

export const tierList = z.object({ data: z.array(tier) });

const accountName = text({ max: 100 }).describe('Whose keys they are, as people will know it');

/** `POST /v1/accounts`. */
export const createAccountBody = z.strictObject({
  name: accountName,
  tier: tierName.default(STANDARD_TIER),
});
export type CreateAccountBody = z.infer<typeof createAccountBody>;

/** `PATCH /v1/accounts/{id}`: what is left out stays as it is. */
export const changeAccountBody = z
  .strictObject({ name: accountName.exactOptional(), tier: tierName.exactOptional() })
  .refine((body) => Object.keys(body).length > 0, 'has nothing to change: give name, tier or both');
export type ChangeAccountBody = z.infer<typeof changeAccountBody>;

/** What keys belong to. Its tier says how many requests each of its keys may send. */
export const account = z.object({
  id: z.string(),
  name: z.string(),
  tier: z.string(),
  created_at: z.iso.datetime(),
});
export type Account = z.infer<typeof account>;

export const accountList = z.object({ data: z.array(account) });

/** The limits of the caller's key, and what is left of them. */
export const rateLimits = z.object({
  limit: z.int().describe('Requests in this hour'),
  remaining: z.int().min(0).describe('What is left of them after this request'),
  reset_time: z.iso.datetime().describe('When the next hour begins'),
  burst_limit: z.int().describe('Requests in a second'),
});

/** `data.account` in `GET /v1/status`. */
export const accountStatus = z.object({
  tier: z.string(),
  type: keyMode,
  capabilities: z.array(z.string()).describe('The role of the caller, and its scopes where it has any'),
  rate_limits: rateLimits,
});
export type AccountStatus = z.infer<typeof accountStatus>;
