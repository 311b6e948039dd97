import { Inject, Injectable } from '@nestjs/common';
import { tierName, type PutTierBody, type Tier } from '@signalbox/contracts/http';
import { auditOf, type AskedBy } from '@signalbox/contracts/messages';
import { CLOCK, type Clock } from '@signalbox/platform';
import { ApiError } from '../http/errors/api-error.js';
import { ReadYourWrites } from '../state/read-your-writes.js';
import { toTier } from './persistence/account.mapper.js';
import { TierRepository } from './persistence/tier.repository.js';

const MOST_TIERS = 100;

/** Creates or replaces a tier. Its limits apply on this process when the promise resolves, also in the hour that has begun. */
@Injectable()
export class PutTierCommand {
  constructor(
    private readonly tiers: TierRepository,
    private readonly writes: ReadYourWrites,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws ApiError 400 not a name of a tier, 409 too many tiers */
  async execute(name: string, limits: PutTierBody, by: AskedBy): Promise<{ tier: Tier; isNew: boolean }> {
    const problem = tierName.safeParse(name).error?.issues[0];
    if (problem !== undefined)
      throw new ApiError({ status: 400, code: 'invalid_name', detail: `The name of a tier ${problem.message}.` });
    if ((await this.tiers.count()) >= MOST_TIERS && !(await this.tiers.exists(name))) {
      throw new ApiError({
        status: 409,
        code: 'too_many_tiers',
        detail: `There are ${MOST_TIERS} tiers already.`,
        suggestion: 'Delete tiers that no account has: DELETE /v1/tiers/{name}.',
      });
    }
    const row = { name, requestsPerHour: limits.requests_per_hour, burstPerSecond: limits.burst_per_second };
    const audit = { at: this.clock.now(), action: 'put-tier', resource: name, detail: { ...limits } };
    const { isNew, seq } = await this.tiers.put(row, auditOf(by, audit));
    await this.writes.visible({ seq });
    return { tier: toTier(row), isNew };
  }
}
