import { z } from 'zod';
import { keyMode, role } from '../roles.js';
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
});
export type ApiKeyEntry = z.infer<typeof apiKeyEntry>;

/** What the gateways publish to each other. */
export const gatewayStream = defineStream({ name: 'gateway', entries: { key: entries('key', apiKeyEntry) } });
