import { Injectable } from '@nestjs/common';
import type { Account, ChangeAccountBody } from '@signalbox/contracts/http';
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
  ) {}

  /** @throws ApiError 400 unknown tier, 404 unknown account */
  async execute(id: string, change: ChangeAccountBody): Promise<Account> {
    const written = await this.accounts.change(id, change);
    if (written === 'unknown account') throw accountNotFound(id);
    if (written === 'unknown tier') throw unknownReference('tier', change.tier!);
    await this.writes.visible(written);
    return toAccount(written.row);
  }
}
