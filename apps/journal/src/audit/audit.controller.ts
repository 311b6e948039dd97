import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  AUDIT_COMMAND,
  auditCommand,
  auditRequest,
  journalRequestTypes,
  type AuditCommand,
  type AuditEntry,
  type AuditRequest,
} from '@signalbox/contracts/messages';
import { CommandPattern } from '@signalbox/nest-service';
import { AuditRepository } from './audit.repository.js';

@Controller()
export class AuditController {
  constructor(private readonly audit: AuditRepository) {}

  @MessagePattern(journalRequestTypes.auditPage)
  async onPage(@Payload({ schema: auditRequest }) request: AuditRequest): Promise<{ entries: AuditEntry[] }> {
    return { entries: await this.audit.page(request) };
  }

  @CommandPattern(AUDIT_COMMAND)
  async onRecord(@Payload({ schema: auditCommand }) entry: AuditCommand): Promise<void> {
    await this.audit.add(entry);
  }
}
