import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { HealthModule } from '../health/health.module.js';
import { HttpModule } from '../http/http.module.js';
import { RoutePolicies, type RoutePolicy } from '../http/route-policies.js';
import { StateModule } from '../state/state.module.js';
import { DataplaneClient } from './dataplane-client.js';
import { DataplaneCommands } from './dataplane-commands.js';
import { DataplaneView } from './dataplane.view.js';
import { DataplanesController } from './dataplanes.controller.js';
import { OperationsController } from './operations.controller.js';
import { RestartsController } from './restarts.controller.js';

export const dataplanesPolicies: readonly RoutePolicy[] = [
  { prefix: '/v1/dataplanes', read: 'member', area: 'dataplanes' },
  { prefix: '/v1/restarts', read: 'member', area: 'dataplanes' },
];

/** Dataplanes, their restarts and operations: `/v1/dataplanes` and `/v1/restarts`. */
@Module({
  imports: [HttpModule, StateModule, HealthModule, AuditModule],
  controllers: [DataplanesController, OperationsController, RestartsController],
  providers: [DataplaneView, DataplaneClient, DataplaneCommands],
  exports: [DataplaneView, DataplaneCommands],
})
export class DataplanesModule {
  constructor(policies: RoutePolicies) {
    policies.add(dataplanesPolicies);
  }
}
