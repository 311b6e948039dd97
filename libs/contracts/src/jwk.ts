import { z } from 'zod';

/** The public part of a key that signs tokens (RFC 7518 §6.2.1). */
export const publicJwk = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
});
export type PublicJwk = z.infer<typeof publicJwk>;
