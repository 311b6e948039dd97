import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, CONFIG, describeError, LOGGER, settlesWithin, type Clock, type Logger } from '@signalbox/platform';
import { errors, jwtVerify, SignJWT } from 'jose';
import type { Config } from '../config.js';
import { TokenRepository } from './persistence/token.repository.js';
import { Signing } from './signing.js';
import { TOKEN_ALGORITHM } from './token-algorithm.js';
import { TokensView } from './tokens.view.js';

/** Distinguishes them from the tokens of the API, whose type is JWT: neither is taken for the other. */
const TYPE = 'signalbox-broker+jwt';
const AUDIENCE = 'broker-management';

const SECONDS = 30;
/** Of clocks of two gateways. The token is valid no longer than this and its own time: less than a minute. */
const TOLERANCE_SECONDS = 15;
/** So long a signing key is kept at least, so that it is not stored for every token. */
const KEEP_KEY_MS = 600_000;

/** Connections are closed also while the database does not answer. */
const KEEP_MS = 500;

const LONGEST = 1_024;

/**
 * Passwords with which a gateway logs in to the broker's management API in place of a key, to list and close the connections of this
 * key. They permit nothing else: see `KeyDecisions`. Also for a key that was revoked.
 */
@Injectable()
export class BrokerTokens {
  private keptUntil = new Map<string, number>();

  constructor(
    private readonly signing: Signing,
    private readonly view: TokensView,
    private readonly stored: TokenRepository,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Whether a password is to be verified as such a token. A key never begins like this. */
  static isLike(password: string): boolean {
    return password.startsWith('eyJ');
  }

  async issue(keyId: string): Promise<string> {
    const { kid, jwk, privateKey } = await this.signing.key();
    this.view.add({ kid, jwk });
    await settlesWithin({ clock: this.clock, ms: KEEP_MS }, this.keep({ kid, jwk }));
    const issuedAt = Math.floor(this.clock.now() / 1_000);
    return new SignJWT()
      .setProtectedHeader({ alg: TOKEN_ALGORITHM, typ: TYPE, kid })
      .setIssuer(this.config.SIGNALBOX_TOKEN_ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(keyId)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + SECONDS)
      .sign(privateKey);
  }

  /** Whether one of the gateways has issued it for this key, within the last minute. */
  async verify(token: string, keyId: string): Promise<boolean> {
    if (token.length > LONGEST) return false;
    try {
      await jwtVerify(token, ({ kid }) => this.keyOf(kid), {
        algorithms: [TOKEN_ALGORITHM],
        typ: TYPE,
        issuer: this.config.SIGNALBOX_TOKEN_ISSUER,
        audience: AUDIENCE,
        subject: keyId,
        requiredClaims: ['sub', 'exp', 'iat'],
        maxTokenAge: SECONDS,
        clockTolerance: TOLERANCE_SECONDS,
        currentDate: new Date(this.clock.now()),
      });
      return true;
    } catch (error) {
      if (error instanceof errors.JOSEError) return false;
      throw error;
    }
  }

  /** The other gateways verify by the stream. Where that fails, this one still verifies its own. */
  private async keep(key: Parameters<TokensView['add']>[0]): Promise<void> {
    const now = this.clock.now();
    if ((this.keptUntil.get(key.kid) ?? 0) > now + KEEP_KEY_MS / 2) return;
    try {
      await this.stored.keepSigningKey(key, new Date(now + KEEP_KEY_MS));
      this.keptUntil = new Map([[key.kid, now + KEEP_KEY_MS]]);
    } catch (error) {
      this.logger.warn(
        { reason: describeError(error) },
        'signing key was not stored; other gateways refuse what it signs for the broker',
      );
    }
  }

  private keyOf(kid: string | undefined) {
    const key = kid === undefined ? undefined : this.view.signingKey(kid);
    if (key === undefined) throw new errors.JWKSNoMatchingKey();
    return key;
  }
}
