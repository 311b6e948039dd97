import { z } from 'zod';
import { publicJwk } from '../jwk.js';
import { role } from '../roles.js';
import { scope, scopes } from '../scopes.js';
import { text } from '../text.js';

/** How long a token may be valid. */
export const tokenSeconds = { min: 60, max: 7_776_000 } as const;

/** `POST /v1/tokens`. */
export const createTokenBody = z.strictObject({
  key_id: text({ max: 100 })
    .exactOptional()
    .describe('The key that the token belongs to; default: the one of this request. For another one: role admin'),
  ttl_seconds: z
    .int()
    .min(tokenSeconds.min)
    .max(tokenSeconds.max)
    .exactOptional()
    .describe(
      'How long the token is valid; default: `jwt_ttl_seconds` of `GET /api`. It ends with its key at the latest',
    ),
  role: role.exactOptional().describe('Not above the role of the key; default: the role of the key'),
  scopes: z
    .array(scope)
    .min(1)
    .max(scopes.length)
    .exactOptional()
    .describe('Some of the scopes of the key; default: all that the key may do'),
  name: text({ max: 100 }).exactOptional().describe('What the token is for; default: the name of the key'),
});
export type CreateTokenBody = z.infer<typeof createTokenBody>;

/** A token as it is listed: never the token itself. */
export const token = z.object({
  id: z.string().describe('`jti` in the token'),
  key_id: z.string().describe('Id of the key that it belongs to'),
  name: z.string(),
  role,
  scopes: z.array(z.string()),
  created_at: z.iso.datetime(),
  created_by: z.string().describe('Id of the key or of the person that issued it'),
  expires_at: z.iso.datetime(),
  revoked_at: z.iso.datetime().nullable().describe('Also where its key was revoked'),
});
export type Token = z.infer<typeof token>;

export const createdToken = token.extend({
  token: z.string().describe('The token, a signed JWT. Only this answer contains it.'),
});
export type CreatedToken = z.infer<typeof createdToken>;

export const tokenList = z.object({ data: z.array(token) });

/** `GET /.well-known/jwks.json` (RFC 7517 §5). */
export const jwkSet = z.object({
  keys: z.array(publicJwk.extend({ kid: z.string(), alg: z.literal('ES256'), use: z.literal('sig') })),
});
export type JwkSet = z.infer<typeof jwkSet>;
