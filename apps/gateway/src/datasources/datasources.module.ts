import { Module } from '@nestjs/common';
import { HttpModule } from '../http/http.module.js';
import { RoutePolicies, type RoutePolicy } from '../http/route-policies.js';
import { StateModule } from '../state/state.module.js';
import { DatasourceActionsController } from './datasource-actions.controller.js';
import { DatasourceClient } from './datasource-client.js';
import { DatasourceListBody } from './datasource-list.body.js';
import { DatasourceLookup } from './datasource-lookup.js';
import { datasourceShape } from './datasource.shape.js';
import { DatasourcesController } from './datasources.controller.js';
import { DatasourcesView } from './datasources.view.js';
import { Verification } from './verification.js';

/** A publishable key has no scope to write, whatever its role is: writes take a secret key. */
const ofDatasources = { read: 'member', write: 'admin', area: 'datasources', errors: datasourceShape } as const;

export const datasourcesPolicies: readonly RoutePolicy[] = ['/v1/datasources', '/api/v1/datasources'].flatMap(
  (prefix): RoutePolicy[] => [
    { ...ofDatasources, prefix },
    { ...ofDatasources, prefix: `${prefix}/:id/verify`, work: 'long' },
  ],
);

/** Customers' databases and endpoints: `/v1/datasources`. */
@Module({
  imports: [HttpModule, StateModule],
  controllers: [DatasourcesController, DatasourceActionsController],
  providers: [DatasourcesView, DatasourceLookup, DatasourceListBody, DatasourceClient, Verification],
  exports: [DatasourcesView],
})
export class DatasourcesModule {
  constructor(policies: RoutePolicies) {
    policies.add(datasourcesPolicies);
  }
}
