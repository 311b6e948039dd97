import { Inject, Injectable } from '@nestjs/common';
import { auditOf, type AskedBy } from '@signalbox/contracts/messages';
import { CLOCK, type Clock } from '@signalbox/platform';
import { ApiError } from '../http/errors/api-error.js';
import { ReadYourWrites } from '../state/read-your-writes.js';
import { TierRepository } from './persistence/tier.repository.js';

/** Deletes a tier that no account has. */
@Injectable()
export class DeleteTierCommand {
  constructor(
    private readonly tiers: TierRepository,
    private readonly writes: ReadYourWrites,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws ApiError 404 unknown, 409 an account has it */
  async execute(name: string, by: AskedBy): Promise<void> {
    const forbid = (accounts: number): void => {
      if (accounts > 0) throw tierInUse(name, accounts);
    };
    const audit = auditOf(by, { at: this.clock.now(), action: 'delete-tier', resource: name });
    const written = await this.tiers.delete(name, forbid, audit);
    if (written === undefined)
      throw new ApiError({ status: 404, code: 'tier_not_found', detail: `There is no tier ${name}.` });
    await this.writes.visible(written);
  }
}

function tierInUse(name: string, accounts: number): ApiError {
  return new ApiError({
    status: 409,
    code: 'tier_in_use',
    detail: `The tier ${name} cannot be deleted: the number of accounts that have it is ${accounts}.`,
    suggestion: 'Give them another tier first: PATCH /v1/accounts/{id}.',
  });
}
