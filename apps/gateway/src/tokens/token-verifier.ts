import { Inject, Injectable } from '@nestjs/common';
import { role } from '@signalbox/contracts/http';
import { CLOCK, CONFIG, type Clock } from '@signalbox/platform';
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, type CryptoKey } from 'jose';
import { z } from 'zod';
import type { Config } from '../config.js';
import { TOKEN_ALGORITHM } from './token-algorithm.js';
import { tokenExpired, tokenInvalid } from './token-errors.js';
import { TokensView } from './tokens.view.js';

/** Ours have less than 2,000 characters. */
const LONGEST_TOKEN = 4_096;

const claimsSchema = z.object({
  jti: z.string(),
  sub: z.string(),
  role,
  scopes: z.array(z.string()),
  exp: z.int(),
});

/** What a token says that one of the gateways has signed. */
export interface VerifiedToken {
  readonly id: string;
  readonly keyId: string;
  readonly role: z.infer<typeof role>;
  readonly scopes: readonly string[];
  /** Unix ms. */
  readonly expiresAt: number;
  /** Id of the key that signed it. */
  readonly kid: string;
}

/** Checks the signature and the claims of tokens. The signature is checked outside the main thread. */
@Injectable()
export class TokenVerifier {
  constructor(
    private readonly view: TokensView,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Whether the token says that it was signed by one of the gateways for such a key. Its signature is not checked. */
  names(token: string, isKey: (id: string) => boolean): boolean {
    if (token.length > LONGEST_TOKEN) return false;
    try {
      const { kid } = decodeProtectedHeader(token);
      const { sub } = decodeJwt(token);
      return kid !== undefined && this.view.knowsSigningKey(kid) && sub !== undefined && isKey(sub);
    } catch {
      return false;
    }
  }

  /** @throws ApiError 401 */
  async verify(token: string): Promise<VerifiedToken> {
    if (token.length > LONGEST_TOKEN) throw tokenInvalid();
    try {
      const { payload, protectedHeader } = await jwtVerify(token, ({ kid }) => this.keyOf(kid), {
        algorithms: [TOKEN_ALGORITHM],
        typ: 'JWT',
        issuer: this.config.SIGNALBOX_TOKEN_ISSUER,
        requiredClaims: ['jti', 'sub', 'exp'],
        currentDate: new Date(this.clock.now()),
      });
      const { jti, sub, exp, ...rest } = claimsSchema.parse(payload);
      return { id: jti, keyId: sub, expiresAt: exp * 1_000, kid: protectedHeader.kid!, ...rest };
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw tokenExpired();
      if (error instanceof errors.JOSEError || error instanceof z.ZodError) throw tokenInvalid();
      throw error;
    }
  }

  private keyOf(kid: string | undefined): Promise<CryptoKey> {
    const key = kid === undefined ? undefined : this.view.signingKey(kid);
    if (key === undefined) throw tokenInvalid();
    return key;
  }
}
