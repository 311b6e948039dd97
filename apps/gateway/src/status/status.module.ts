import { Module } from '@nestjs/common';
import { FollowedFacts } from '@signalbox/status-facts';
import { HealthModule } from '../health/health.module.js';
import { serviceStatusShape } from '../http/errors/service-status.shape.js';
import { HttpModule } from '../http/http.module.js';
import { RoutePolicies, type RoutePolicy } from '../http/route-policies.js';
import { LimitsModule } from '../limits/limits.module.js';
import { NoticesModule } from '../notices/notices.module.js';
import { StateModule } from '../state/state.module.js';
import { CurrentFacts } from './current-facts.js';
import { CurrentStatus } from './current-status.js';
import { PublicHealthController } from './public-health.controller.js';
import { StatusBody } from './status.body.js';
import { StatusMetrics } from './status.metrics.js';
import { StatusController } from './status.controller.js';

export const statusPolicies: readonly RoutePolicy[] = [
  { prefix: '/v1/status', read: 'member', write: 'member', area: 'status', errors: serviceStatusShape },
  { prefix: '/health', read: 'public', write: 'public' },
];

/** The state of all components in one answer: `/v1/status` and `/health`. */
@Module({
  imports: [HttpModule, StateModule, HealthModule, LimitsModule, NoticesModule],
  controllers: [StatusController, PublicHealthController],
  providers: [FollowedFacts, CurrentFacts, CurrentStatus, StatusBody, StatusMetrics],
})
export class StatusModule {
  constructor(policies: RoutePolicies) {
    policies.add(statusPolicies);
  }
}
