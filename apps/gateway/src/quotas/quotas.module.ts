import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { DatasourcesModule } from '../datasources/datasources.module.js';
import { HttpModule } from '../http/http.module.js';
import { RoutePolicies, type RoutePolicy } from '../http/route-policies.js';
import { RegistryModule } from '../registry/registry.module.js';
import { QuotasController } from './quotas.controller.js';

export const quotasPolicies: readonly RoutePolicy[] = [{ prefix: '/v1/quotas', read: 'admin', area: 'access' }];

/** What is bounded in the whole deployment: `/v1/quotas`. Its owners refuse what would be more. */
@Module({
  imports: [HttpModule, AccessModule, RegistryModule, DatasourcesModule],
  controllers: [QuotasController],
})
export class QuotasModule {
  constructor(policies: RoutePolicies) {
    policies.add(quotasPolicies);
  }
}
