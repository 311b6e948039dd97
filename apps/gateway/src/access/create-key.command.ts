import { Inject, Injectable } from '@nestjs/common';
import type { CreatedKey, CreateKeyBody } from '@signalbox/contracts/http';
import { auditOf, type AskedBy } from '@signalbox/contracts/messages';
import { CLOCK, CONFIG, type Clock } from '@signalbox/platform';
import { invalidMember } from '../http/errors/invalid-request.js';
import type { Caller } from '../http/caller.js';
import type { Config } from '../config.js';
import { ReadYourWrites } from '../state/read-your-writes.js';
import { demandScopesToGive } from './demand-scope.js';
import { demandNoToken } from './key-required.js';
import { scopesOf } from './key-scopes.js';
import { demandRoom, newKey } from './new-key.js';
import { toApiKey } from './persistence/api-key.mapper.js';
import { AccountRepository } from './persistence/account.repository.js';
import { ApiKeyRepository } from './persistence/api-key.repository.js';
import { unknownReference } from './unknown-reference.js';

/** Makes an API key. It can be used on this process when the promise resolves. */
@Injectable()
export class CreateKeyCommand {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly accounts: AccountRepository,
    private readonly writes: ReadYourWrites,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @throws ApiError 400 an end that has passed or an unknown account, 403 a token or more scopes than the caller has, 409 quota_exceeded */
  async execute({ expires_at: end, ...wanted }: CreateKeyBody, caller: Caller, by: AskedBy): Promise<CreatedKey> {
    demandNoToken(caller);
    demandScopesToGive(caller, scopesOf(wanted));
    const now = this.clock.now();
    const expiresAt = end === undefined ? null : new Date(end);
    if (expiresAt !== null && expiresAt.getTime() <= now) throw invalidMember('expires_at', 'is in the past');
    // An account is never deleted.
    if (!(await this.accounts.exists(wanted.account))) throw unknownReference('account', wanted.account);
    const { key, row } = newKey({
      ...wanted,
      scopes: [...new Set(wanted.scopes)],
      readers: wanted.readers ?? null,
      dataplane: wanted.dataplane ?? null,
      createdAt: new Date(now),
      createdBy: caller.id,
      expiresAt,
    });
    const { id: resource, name, role, kind, readers, dataplane } = row;
    const audit = auditOf(by, {
      at: now,
      action: 'create-key',
      resource,
      detail: { name, role, kind, ...(readers !== null && { readers }), ...(dataplane !== null && { dataplane }) },
    });
    await this.writes.visible(await this.keys.add(row, audit, demandRoom(this.config.SIGNALBOX_QUOTAS)));
    return { ...toApiKey(row), key };
  }
}
