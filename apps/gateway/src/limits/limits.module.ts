import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { RequestLimits } from '../http/request-limits.js';
import { AccountStatus } from './account-status.js';
import { Bursts } from './bursts.js';
import { LimitMetrics } from './limits.metrics.js';
import { QuotaExchange } from './quota-exchange.js';
import { QuotaRepository } from './quota.repository.js';
import { Quotas } from './quotas.js';
import { RequestLimiter } from './request-limiter.js';

/** The request limits of each key: `/v1`. */
@Module({
  imports: [AccessModule],
  providers: [
    Bursts,
    Quotas,
    QuotaRepository,
    QuotaExchange,
    LimitMetrics,
    RequestLimiter,
    AccountStatus,
    { provide: RequestLimits, useExisting: RequestLimiter },
  ],
  exports: [AccountStatus],
})
export class LimitsModule {}
