import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Account, CreateAccountBody } from '@signalbox/contracts/http';
import { auditOf, type AskedBy } from '@signalbox/contracts/messages';
import { CLOCK, type Clock } from '@signalbox/platform';
import { ApiError } from '../http/errors/api-error.js';
import { ReadYourWrites } from '../state/read-your-writes.js';
import { toAccount } from './persistence/account.mapper.js';
import { AccountRepository } from './persistence/account.repository.js';
import { unknownReference } from './unknown-reference.js';

/** As many as there can be keys. */
const MOST_ACCOUNTS = 1_000;

@Injectable()
export class CreateAccountCommand {
  constructor(
    private readonly accounts: AccountRepository,
    private readonly writes: ReadYourWrites,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws ApiError 400 unknown tier, 409 too many accounts */
  async execute({ name, tier }: CreateAccountBody, by: AskedBy): Promise<Account> {
    if ((await this.accounts.count()) >= MOST_ACCOUNTS) {
      const detail = `There are ${MOST_ACCOUNTS} accounts already.`;
      const suggestion = 'Give an account that is not used any more another name: PATCH /v1/accounts/{id}.';
      throw new ApiError({ status: 409, code: 'too_many_accounts', detail, suggestion });
    }
    const at = this.clock.now();
    const row = { id: `account_${randomUUID()}`, name, tier, createdAt: new Date(at) };
    const audit = auditOf(by, { at, action: 'create-account', resource: row.id, detail: { name, tier } });
    const written = await this.accounts.add(row, audit);
    if (typeof written === 'string') throw unknownReference('tier', tier);
    await this.writes.visible(written);
    return toAccount(row);
  }
}
