import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { CreatedToken, CreateTokenBody } from '@signalbox/contracts/http';
import { auditOf, type AskedBy } from '@signalbox/contracts/messages';
import { CLOCK, CONFIG, type Clock } from '@signalbox/platform';
import { includes } from '../access/demand-role.js';
import { demandScopesToGive } from '../access/demand-scope.js';
import { demandNoToken } from '../access/key-required.js';
import { keyExpired, keyNotFound, keyRevoked } from '../access/key-errors.js';
import { scopesOf } from '../access/key-scopes.js';
import type { ApiKeyRow } from '../access/persistence/api-key.entity.js';
import { ApiKeyRepository } from '../access/persistence/api-key.repository.js';
import type { Config } from '../config.js';
import type { Caller } from '../http/caller.js';
import { invalidMember } from '../http/errors/invalid-request.js';
import { ReadYourWrites } from '../state/read-your-writes.js';
import type { TokenRow } from './persistence/token.entity.js';
import { toToken } from './persistence/token.mapper.js';
import { TokenRepository } from './persistence/token.repository.js';
import { Signing } from './signing.js';
import { notSecret, tooManyTokens } from './token-errors.js';
import { TokensView } from './tokens.view.js';
import { demandAllTokens } from './token-owner.js';
import { endOfToken, scopeBeyond } from './token.rules.js';

const MOST_TOKENS_OF_KEY = 500;

/** Issues a token of a key. It can be used on this process when the promise resolves. */
@Injectable()
export class IssueTokenCommand {
  constructor(
    private readonly tokens: TokenRepository,
    private readonly keys: ApiKeyRepository,
    private readonly signing: Signing,
    private readonly view: TokensView,
    private readonly writes: ReadYourWrites,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws ApiError 400 more than the key may do, 403, 404 unknown key, 409 a key that has ended or too many tokens */
  async execute(wanted: CreateTokenBody, caller: Caller, by: AskedBy): Promise<CreatedToken> {
    const key = await this.keyOf(wanted, caller);
    const now = this.clock.now();
    if ((await this.tokens.count(key.id, new Date(now))) >= MOST_TOKENS_OF_KEY) throw tooManyTokens(MOST_TOKENS_OF_KEY);
    const row: TokenRow = {
      id: `token_${randomUUID()}`,
      keyId: key.id,
      name: wanted.name ?? key.name,
      ...rightsOf(wanted, key, caller),
      createdAt: new Date(now),
      createdBy: caller.id,
      expiresAt: new Date(endOfToken(wanted, key, { nowMs: now, defaultTtl: this.config.SIGNALBOX_JWT_TTL_SECONDS })),
      revokedAt: null,
    };
    const signingKey = await this.signing.key();
    const token = await this.signing.sign(signingKey, row, key.account);
    const detail = { key_id: key.id, name: row.name, role: row.role };
    const audit = auditOf(by, { at: now, action: 'issue-token', resource: row.id, detail });
    const written = await this.tokens.add(row, { kid: signingKey.kid, jwk: signingKey.jwk }, audit);
    if (written === undefined) throw keyRevoked(key.id);
    this.view.add({ kid: signingKey.kid, jwk: signingKey.jwk });
    if (written.seq !== undefined) await this.writes.visible({ seq: written.seq });
    return { ...toToken(row), token };
  }

  /** The key that the token is for. */
  private async keyOf({ key_id: asked }: CreateTokenBody, caller: Caller): Promise<ApiKeyRow> {
    demandNoToken(caller);
    if (asked === undefined && caller.via === 'session')
      throw invalidMember('key_id', 'is missing: a person has no key of their own');
    const id = asked ?? caller.id;
    if (id !== caller.id) demandAllTokens(caller, 'access:write');
    const key = await this.keys.find(id);
    if (key === null) throw keyNotFound(id);
    if (key.revokedAt !== null) throw keyRevoked(id);
    if (key.expiresAt !== null && key.expiresAt.getTime() <= this.clock.now()) throw keyExpired(id);
    if (key.kind !== 'secret') throw notSecret();
    return key;
  }
}

/** @throws ApiError 400, 403 */
function rightsOf(wanted: CreateTokenBody, key: ApiKeyRow, caller: Caller): Pick<TokenRow, 'role' | 'scopes'> {
  const held = scopesOf(key);
  const role = wanted.role ?? key.role;
  const scopes = [...new Set(wanted.scopes ?? held)];
  if (!includes(key.role, role)) throw invalidMember('role', `cannot be above the role of the key, ${key.role}`);
  const beyond = scopeBeyond(scopes, { scopes: held });
  if (beyond !== undefined) throw invalidMember('scopes', `cannot have ${beyond}, which the key does not have`);
  if (key.id !== caller.id) demandScopesToGive(caller, scopes);
  return { role, scopes };
}
