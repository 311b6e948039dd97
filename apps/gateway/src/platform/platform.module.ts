import { Module } from '@nestjs/common';
import { DataplanesModule } from '../dataplanes/dataplanes.module.js';
import { HealthModule } from '../health/health.module.js';
import { jsonError, type ErrorShape } from '../http/errors/error-shape.js';
import { HttpModule } from '../http/http.module.js';
import { RoutePolicies, type RoutePolicy } from '../http/route-policies.js';
import { PlatformController } from './platform.controller.js';
import { PlatformStatusBody } from './platform-status.body.js';

const platformShape: ErrorShape = (error) => jsonError({ detail: error.message });

export const platformPolicies: readonly RoutePolicy[] = [
  { prefix: '/api', read: 'member', write: 'member', area: 'platform', errors: platformShape },
  { prefix: '/api/admin', read: 'admin', area: 'platform', errors: platformShape },
];

/** The status of the platform: `/api`. */
@Module({
  imports: [HttpModule, HealthModule, DataplanesModule],
  controllers: [PlatformController],
  providers: [PlatformStatusBody],
})
export class PlatformModule {
  constructor(policies: RoutePolicies) {
    policies.add(platformPolicies);
  }
}
