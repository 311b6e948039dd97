import { Inject, Injectable } from '@nestjs/common';
import { auditOf, type AskedBy } from '@signalbox/contracts/messages';
import { CLOCK, type Clock } from '@signalbox/platform';
import type { Caller } from '../http/caller.js';
import { ReadYourWrites } from '../state/read-your-writes.js';
import { TokenRepository } from './persistence/token.repository.js';
import { tokenNotFound } from './token-errors.js';
import { mayManageAllTokens, owns } from './token-owner.js';
import { TokensView } from './tokens.view.js';

/** Revokes a token for good. It is refused on this process when the promise resolves; again is the same. */
@Injectable()
export class RevokeTokenCommand {
  constructor(
    private readonly tokens: TokenRepository,
    private readonly view: TokensView,
    private readonly writes: ReadYourWrites,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws ApiError 404 unknown, or of another key */
  async execute(id: string, caller: Caller, by: AskedBy): Promise<void> {
    const row = await this.tokens.find(id);
    if (row === null || !(owns(caller, row) || mayManageAllTokens(caller, 'access:write'))) throw tokenNotFound(id);
    const at = this.clock.now();
    const audit = auditOf(by, { at, action: 'revoke-token', resource: id, detail: { key_id: row.keyId } });
    const written = await this.tokens.revoke(id, new Date(at), audit);
    // Also when another process revoked it: its delta may not have arrived here yet.
    this.view.revoke(id);
    if (written !== undefined) await this.writes.visible(written);
  }
}
