import { z } from 'zod';
import { keyMode, role } from '../http/keys.js';

/**
 * The value under `key/<id>` in the `gateway` stream. The key itself is nowhere: `sha256` (hex) recognises it and
 * cannot be turned back, since a key has 178 random bits.
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

const KEY = 'key/';

export const apiKeyKey = (id: string): string => `${KEY}${id}`;

/** The API key a stream key speaks of; undefined for other keys. */
export const apiKeyOfKey = (key: string): string | undefined =>
  key.startsWith(KEY) ? key.slice(KEY.length) : undefined;
