import { Inject, Injectable } from '@nestjs/common';
import type { Account, ChangeAccountBody } from '@signalbox/contracts/http';
import { auditOf, type AskedBy } from '@signalbox/contracts/messages';
import { CLOCK, type Clock } from '@signalbox/platform';
import { ReadYourWrites } from '../state/read-your-writes.js';
import { accountNotFound } from './account-not-found.js';
import { toAccount } from './persistence/account.mapper.js';
import { AccountRepository } from './persistence/account.repository.js';
import { unknownReference } from './unknown-reference.js';

/** Changes the name or the tier of an account. The limits of the new tier apply on this process when the promise resolves. */
@Injectable()
export class ChangeAccountCommand {
  constructor(
    private readonly accounts: AccountRepository,
    private readonly writes: ReadYourWrites,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws ApiError 400 unknown tier, 404 unknown account */
  async execute(id: string, change: ChangeAccountBody, by: AskedBy): Promise<Account> {
    const audit = { at: this.clock.now(), action: 'change-account', resource: id, detail: { ...change } };
    const written = await this.accounts.change(id, change, auditOf(by, audit));
    if (written === 'unknown account') throw accountNotFound(id);
    if (written === 'unknown tier') throw unknownReference('tier', change.tier!);
    await this.writes.visible(written);
    return toAccount(written.row);
  }
}
