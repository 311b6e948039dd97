import { Module } from '@nestjs/common';
import { AuditOutboxModule } from '@signalbox/nest-service';
import { HttpModule } from '../http/http.module.js';
import { RoutePolicies, type RoutePolicy } from '../http/route-policies.js';
import { AuditClient } from './audit-client.js';
import { AuditController } from './audit.controller.js';
import { AuditTrail } from './audit-trail.js';
import { BrokerLogins } from './broker-logins.js';
import { MinuteEntries } from './minute-entries.js';
import { RefusedRequests } from './refused-requests.js';

export const auditPolicies: readonly RoutePolicy[] = [{ prefix: '/v1/audit', read: 'admin', area: 'access' }];

/** The audit trail: `/v1/audit`, and what this service adds to it. */
@Module({
  imports: [HttpModule, AuditOutboxModule.register({ service: 'gateway' })],
  controllers: [AuditController],
  providers: [AuditClient, AuditTrail, MinuteEntries, RefusedRequests, BrokerLogins],
  exports: [AuditTrail, BrokerLogins],
})
export class AuditModule {
  constructor(policies: RoutePolicies) {
    policies.add(auditPolicies);
  }
}
