import { Module } from '@nestjs/common';
import { AuditController } from './audit.controller.js';
import { AuditRetention } from './audit-retention.js';
import { AuditRepository } from './audit.repository.js';

@Module({ controllers: [AuditController], providers: [AuditRepository, AuditRetention], exports: [AuditRepository] })
export class AuditModule {}
