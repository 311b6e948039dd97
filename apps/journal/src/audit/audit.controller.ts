import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import {
  AUDIT_COMMAND,
  auditCommand,
  auditRequest,
  journalRequestTypes,
  type AuditCommand,
  type AuditEntry,
  type AuditRequest,
} from '@signalbox/contracts/messages';
import { mayRecord } from '@signalbox/contracts/rights';
import { DeadMessage } from '@signalbox/messaging';
import { AmqpContext, CommandPattern } from '@signalbox/nest-service';
import { AuditRepository } from './audit.repository.js';

@Controller()
export class AuditController {
  constructor(private readonly audit: AuditRepository) {}

  @MessagePattern(journalRequestTypes.auditPage)
  async onPage(@Payload({ schema: auditRequest }) request: AuditRequest): Promise<{ entries: AuditEntry[] }> {
    return { entries: await this.audit.page(request) };
  }

  @CommandPattern(AUDIT_COMMAND)
  async onRecord(@Payload({ schema: auditCommand }) entry: AuditCommand, @Ctx() { user }: AmqpContext): Promise<void> {
    if (!mayRecord(user, entry.action)) throw new DeadMessage('wrong-sender', 'its sender does not do this itself');
    await this.audit.add(entry);
  }
}
