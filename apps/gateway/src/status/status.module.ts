import { Module } from '@nestjs/common';
import { serviceStatusUnserved } from '@signalbox/contracts/http';
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

const ofService = { read: 'member', write: 'member', area: 'status', errors: serviceStatusShape } as const;

export const statusPolicies: readonly RoutePolicy[] = [
  ...['/v1/status', ...serviceStatusUnserved.paths].map((prefix): RoutePolicy => ({ prefix, ...ofService })),
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
