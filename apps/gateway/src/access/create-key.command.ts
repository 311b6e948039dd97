import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { CreatedKey, CreateKeyBody } from '@signalbox/contracts/http';
import { CLOCK, type Clock } from '@signalbox/platform';
import { ApiError } from '../http/errors/api-error.js';
import { invalidMember } from '../http/errors/invalid-request.js';
import type { Caller } from '../http/caller.js';
import { ReadYourWrites } from '../state/read-your-writes.js';
import { demandScopesToGive } from './demand-scope.js';
import { generateApiKey, hashApiKey, hintOf } from './api-key.js';
import { toApiKey } from './persistence/api-key.mapper.js';
import { AccountRepository } from './persistence/account.repository.js';
import { ApiKeyRepository } from './persistence/api-key.repository.js';
import { unknownReference } from './unknown-reference.js';

const MOST_ACTIVE_KEYS = 1_000;

/** Makes an API key. It can be used on this process when the promise resolves. */
@Injectable()
export class CreateKeyCommand {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly accounts: AccountRepository,
    private readonly writes: ReadYourWrites,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws ApiError 400 an end that has passed or an unknown account, 403 more scopes than the caller has, 409 too many keys */
  async execute(wanted: CreateKeyBody, caller: Caller): Promise<CreatedKey> {
    demandScopesToGive(caller, wanted.scopes);
    const now = this.clock.now();
    const expiresAt = wanted.expires_at === undefined ? null : new Date(wanted.expires_at);
    if (expiresAt !== null && expiresAt.getTime() <= now) throw invalidMember('expires_at', 'is in the past');
    // An account is never deleted.
    if (!(await this.accounts.exists(wanted.account))) throw unknownReference('account', wanted.account);
    if ((await this.keys.countActive()) >= MOST_ACTIVE_KEYS) {
      throw new ApiError({
        status: 409,
        code: 'too_many_keys',
        detail: `There are ${MOST_ACTIVE_KEYS} keys already.`,
        suggestion: 'Revoke keys that are not used any more: DELETE /v1/keys/{id}.',
      });
    }
    const key = generateApiKey(wanted.mode, wanted.kind);
    const row = {
      id: `key_${randomUUID()}`,
      name: wanted.name,
      role: wanted.role,
      kind: wanted.kind,
      mode: wanted.mode,
      scopes: [...new Set(wanted.scopes)],
      networks: wanted.networks,
      account: wanted.account,
      sha256: hashApiKey(key),
      hint: hintOf(key),
      createdAt: new Date(now),
      createdBy: caller.id,
      expiresAt,
      revokedAt: null,
      lastUsedAt: null,
    };
    await this.writes.visible(await this.keys.add(row));
    return { ...toApiKey(row), key };
  }
}
