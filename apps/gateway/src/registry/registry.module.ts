import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { HealthModule } from '../health/health.module.js';
import { jsonError, type ErrorShape } from '../http/errors/error-shape.js';
import { HttpModule } from '../http/http.module.js';
import { RoutePolicies, type RoutePolicy } from '../http/route-policies.js';
import { StateModule } from '../state/state.module.js';
import { ConnectionTestController } from './connection-test.controller.js';
import { ConnectionsController } from './connections.controller.js';
import { PackagesController } from './packages.controller.js';
import { ProjectsController } from './projects.controller.js';
import { RegistryClient } from './registry-client.js';
import { RegistryPresence } from './registry-presence.js';
import { RegistryStatusBody } from './registry-status.body.js';
import { RegistryStatusController } from './registry-status.controller.js';
import { RegistryWrites } from './registry-writes.js';
import { RegistryView } from './registry.view.js';
import { Reloading } from './reloading.js';
import { StoredConnectionTests } from './stored-connection-tests.js';

const registryShape: ErrorShape = (error) => jsonError({ code: error.status, message: error.message });

const registryPolicy = { read: 'member', area: 'registry', errors: registryShape } as const;

export const registryPolicies: readonly RoutePolicy[] = [
  { ...registryPolicy, prefix: '/api/v0', write: 'manager' },
  // Packages are read from their repositories.
  { ...registryPolicy, prefix: '/api/v0/projects/:project/packages', write: 'manager', work: 'long' },
  // The controller requires a manager for settings that are not those of a stored connection.
  ...['/api/v0/connections/test', '/api/v0/projects/:project/connections/:connection/test'].map(
    (prefix) => ({ ...registryPolicy, prefix, write: 'member', changesNothing: true, work: 'long' }) as const,
  ),
  { prefix: '/health/liveness', read: 'public', write: 'public' },
  { prefix: '/health/readiness', read: 'public', write: 'public' },
];

/** Projects, packages and connections: `/api/v0`. */
@Module({
  imports: [HttpModule, StateModule, HealthModule, AuditModule],
  controllers: [
    RegistryStatusController,
    ProjectsController,
    ConnectionsController,
    ConnectionTestController,
    PackagesController,
  ],
  providers: [
    RegistryView,
    RegistryPresence,
    RegistryWrites,
    RegistryClient,
    RegistryStatusBody,
    Reloading,
    StoredConnectionTests,
  ],
  exports: [RegistryView],
})
export class RegistryModule {
  constructor(policies: RoutePolicies) {
    policies.add(registryPolicies);
  }
}
