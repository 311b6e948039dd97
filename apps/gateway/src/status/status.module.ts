import { Module } from '@nestjs/common';
import { DataplanesModule } from '../dataplanes/dataplanes.module.js';
import { HealthModule } from '../health/health.module.js';
import { serviceStatusShape } from '../http/errors/service-status.shape.js';
import { HttpModule } from '../http/http.module.js';
import { RoutePolicies, type RoutePolicy } from '../http/route-policies.js';
import { LimitsModule } from '../limits/limits.module.js';
import { NoticesModule } from '../notices/notices.module.js';
import { ReadersModule } from '../readers/readers.module.js';
import { RegistryModule } from '../registry/registry.module.js';
import { StateModule } from '../state/state.module.js';
import { CurrentFacts } from './current-facts.js';
import { CurrentStatus } from './current-status.js';
import { PublicHealthController } from './public-health.controller.js';
import { StatusBody } from './status.body.js';
import { StatusController } from './status.controller.js';

export const statusPolicies: readonly RoutePolicy[] = [
  { prefix: '/v1/status', read: 'member', write: 'member', area: 'status', errors: serviceStatusShape },
  { prefix: '/health', read: 'public', write: 'public' },
];

/** The state of all components in one answer: `/v1/status` and `/health`. */
@Module({
  imports: [
    HttpModule,
    StateModule,
    HealthModule,
    LimitsModule,
    NoticesModule,
    ReadersModule,
    RegistryModule,
    DataplanesModule,
  ],
  controllers: [StatusController, PublicHealthController],
  providers: [CurrentFacts, CurrentStatus, StatusBody],
})
export class StatusModule {
  constructor(policies: RoutePolicies) {
    policies.add(statusPolicies);
  }
}
