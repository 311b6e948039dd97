import { z } from 'zod';

/** The account that keys belong to unless another one is given. A migration of the gateway creates it. */
export const DEFAULT_ACCOUNT = 'default';

/**
 * The account of the first admin key, on a tier that hardly limits: an operator who repairs an outage with it must not be refused for asking often. A
 * migration of the gateway creates both.
 */
export const OPERATORS_ACCOUNT = 'operators';

/** The tier that accounts have unless another one is given. A migration of the gateway creates it. */
export const STANDARD_TIER = 'standard';

export const tierName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9, hyphens and underscores, and not begin with one')
  .describe('The name of a tier');

/** What a tier allows each key of its accounts. */
export const tierLimits = {
  requests_per_hour: z.int().min(1).max(1_000_000_000).describe('Requests in each full hour (UTC), over all processes'),
  burst_per_second: z.int().min(1).max(1_000_000).describe('Requests in a second, for each gateway process'),
};
