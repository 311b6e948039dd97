import { Injectable } from '@nestjs/common';
import { ApiError } from '../http/errors/api-error.js';
import { ReadYourWrites } from '../state/read-your-writes.js';
import { TierRepository } from './persistence/tier.repository.js';

/** Deletes a tier that no account has. */
@Injectable()
export class DeleteTierCommand {
  constructor(
    private readonly tiers: TierRepository,
    private readonly writes: ReadYourWrites,
  ) {}

  /** @throws ApiError 404 unknown, 409 an account has it */
  async execute(name: string): Promise<void> {
    const written = await this.tiers.delete(name, (accounts) => {
      if (accounts > 0) throw tierInUse(name, accounts);
    });
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
