import { Module } from '@nestjs/common';
import { HttpModule } from '../http/http.module.js';
import { RoutePolicies, type RoutePolicy } from '../http/route-policies.js';
import { ConnectionChecks } from './connection-checks.js';
import { ConnectionMetrics } from './connection-checks.metrics.js';
import { DeadLetterMetrics } from './dead-letters.metrics.js';
import { ProcessHealthController } from './process-health.controller.js';
import { Stopping } from './stopping.js';

export const healthPolicies: readonly RoutePolicy[] = [
  { prefix: '/livez', read: 'public', write: 'public' },
  { prefix: '/readyz', read: 'public', write: 'public' },
];

/** The health of this process and of its own connections. */
@Module({
  imports: [HttpModule],
  controllers: [ProcessHealthController],
  providers: [ConnectionChecks, ConnectionMetrics, DeadLetterMetrics, Stopping],
  exports: [ConnectionChecks, Stopping],
})
export class HealthModule {
  constructor(policies: RoutePolicies) {
    policies.add(healthPolicies);
  }
}
