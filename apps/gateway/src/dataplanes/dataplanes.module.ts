import { Module } from '@nestjs/common';
import { HealthModule } from '../health/health.module.js';
import { HttpModule } from '../http/http.module.js';
import { RoutePolicies, type RoutePolicy } from '../http/route-policies.js';
import { StateModule } from '../state/state.module.js';
import { AuditTrail } from './audit-trail.js';
import { AuditController } from './audit.controller.js';
import { DataplaneClient } from './dataplane-client.js';
import { DataplaneCommands } from './dataplane-commands.js';
import { DataplaneView } from './dataplane.view.js';
import { DataplanesController } from './dataplanes.controller.js';
import { OperationsController } from './operations.controller.js';
import { RestartsController } from './restarts.controller.js';

export const dataplanesPolicies: readonly RoutePolicy[] = [
  { prefix: '/v1/dataplanes', read: 'member', area: 'dataplanes' },
  { prefix: '/v1/restarts', read: 'member', area: 'dataplanes' },
  { prefix: '/v1/audit', read: 'admin', area: 'access' },
];

/** Dataplanes, their restarts and operations: `/v1/dataplanes`, `/v1/restarts`, `/v1/audit`. */
@Module({
  imports: [HttpModule, StateModule, HealthModule],
  controllers: [DataplanesController, OperationsController, RestartsController, AuditController],
  providers: [DataplaneView, DataplaneClient, DataplaneCommands, AuditTrail],
  exports: [DataplaneView, DataplaneCommands],
})
export class DataplanesModule {
  constructor(policies: RoutePolicies) {
    policies.add(dataplanesPolicies);
  }
}
