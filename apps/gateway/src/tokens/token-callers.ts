import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '@signalbox/platform';
import type { FastifyRequest } from 'fastify';
import { Guesses } from '../access/guesses.js';
import { lowerRole } from '../access/demand-role.js';
import { KeyCallers } from '../access/key-callers.js';
import { KeyRing } from '../access/key-ring.js';
import { notReady } from '../access/not-ready.js';
import type { Caller, CallerSource } from '../http/caller.js';
import { ApiError } from '../http/errors/api-error.js';
import type { TokenRow } from './persistence/token.entity.js';
import { TokenRepository } from './persistence/token.repository.js';
import { keyOfTokenEnded, tokenExpired, tokenInvalid, tokenRevoked } from './token-errors.js';
import { TokenVerifier, type VerifiedToken } from './token-verifier.js';
import { TokensView } from './tokens.view.js';
import { VerifiedTokens, type RememberedToken } from './verified-tokens.js';

/** Identifies callers by tokens, from memory. A token can do at most what its key can do now. */
@Injectable()
export class TokenCallers implements CallerSource {
  readonly kind = 'token';
  private readonly confirmable = new WeakMap<Caller, { readonly token: VerifiedToken; readonly keyCaller: Caller }>();

  constructor(
    private readonly view: TokensView,
    private readonly verifier: TokenVerifier,
    private readonly verified: VerifiedTokens,
    private readonly ring: KeyRing,
    private readonly keys: KeyCallers,
    private readonly guesses: Guesses,
    private readonly stored: TokenRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  knows(token: string): boolean {
    return this.verified.find(token) !== undefined || this.verifier.names(token, this.isKey);
  }

  /** A promise only for a token that this process has not verified yet. @throws ApiError 401, 403, 429, 503 as for its key */
  callerOf(token: string, { ip }: FastifyRequest): Caller | Promise<Caller> {
    if (!this.view.hasSnapshot) throw notReady();
    const known = this.verified.find(token);
    if (known !== undefined) return this.admit(known, ip);
    // A token that names a key of ours is most likely valid: others at its address, who do not know the ids of keys, do not keep it out.
    if (this.verifier.names(token, this.isKey)) return this.verify(token, { ip, isCounted: false });
    // Counted before its signature is checked, which costs more than all else that a request with a wrong credential makes this process do.
    this.guesses.count(ip);
    return this.verify(token, { ip, isCounted: true });
  }

  async confirm(caller: Caller): Promise<void> {
    const known = this.confirmable.get(caller);
    if (known === undefined) throw tokenInvalid();
    const [row] = await Promise.all([this.stored.find(known.token.id), this.confirmKey(known.keyCaller)]);
    if (row !== null && row.revokedAt === null) {
      if (hasRightsOf(known.token, row)) return;
      throw tokenInvalid();
    }
    // The stream has not said so yet: from now on reads are refused, too.
    this.view.revoke(known.token.id);
    throw tokenRevoked();
  }

  private async confirmKey(keyCaller: Caller): Promise<void> {
    try {
      await this.keys.confirm(keyCaller);
    } catch (error) {
      throw error instanceof ApiError ? keyOfTokenEnded() : error;
    }
  }

  private async verify(token: string, { ip, isCounted }: { ip: string; isCounted: boolean }): Promise<Caller> {
    let verified: VerifiedToken;
    try {
      verified = await this.verifier.verify(token);
    } catch (error) {
      if (!isCounted) this.guesses.count(ip);
      throw error;
    }
    if (isCounted) this.guesses.takeBack(ip);
    return this.admit(this.verified.remember(token, verified), ip);
  }

  private readonly isKey = (id: string): boolean => 'found' in this.ring.findById(id);

  private admit(remembered: RememberedToken, ip: string): Caller {
    const { token } = remembered;
    if (token.expiresAt <= this.clock.now()) throw tokenExpired();
    if (!this.view.knowsSigningKey(token.kid)) throw tokenInvalid();
    if (this.view.isRevoked(token.id)) throw tokenRevoked();
    const finding = this.ring.findById(token.keyId);
    if ('refused' in finding) throw keyOfTokenEnded();
    const keyCaller = this.keys.admit(finding.found, ip);
    if (remembered.made?.keyCaller !== keyCaller) {
      const caller = callerOf(token, keyCaller);
      remembered.made = { keyCaller, caller };
      this.confirmable.set(caller, { token, keyCaller });
    }
    return remembered.made.caller;
  }
}

/** A signing key that no gateway made could sign anything. */
const hasRightsOf = ({ keyId, role, scopes }: VerifiedToken, row: TokenRow): boolean =>
  isDeepStrictEqual([keyId, role, scopes], [row.keyId, row.role, row.scopes]);

/** The scopes of a token were chosen among those of its key, which do not change. */
const callerOf = ({ id, role, scopes }: VerifiedToken, keyCaller: Caller): Caller => ({
  ...keyCaller,
  via: 'token',
  tokenId: id,
  role: lowerRole(role, keyCaller.role),
  scopes,
});
