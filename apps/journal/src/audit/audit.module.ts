import { Module } from '@nestjs/common';
import { AuditController } from './audit.controller.js';
import { AuditRetention } from './audit-retention.js';
import { AuditRepository } from './audit.repository.js';

/** The audit trail of all services. */
@Module({ controllers: [AuditController], providers: [AuditRepository, AuditRetention] })
export class AuditModule {}
