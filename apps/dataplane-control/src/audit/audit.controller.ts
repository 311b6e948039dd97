import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import {
  AUDIT_COMMAND,
  auditCommand,
  auditRequest,
  dataplaneRequestTypes,
  type AuditCommand,
  type AuditEntry,
  type AuditRequest,
} from '@signalbox/contracts/messages';
import { mayRecord } from '@signalbox/contracts/rights';
import { DeadMessage } from '@signalbox/messaging';
import { AmqpContext, CommandPattern } from '@signalbox/nest-service';
import { Database } from '@signalbox/persistence';
import { AuditRepository } from './audit.repository.js';

@Controller()
export class AuditController {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditRepository,
  ) {}

  @MessagePattern(dataplaneRequestTypes.audit)
  async onPage(@Payload({ schema: auditRequest }) request: AuditRequest): Promise<{ entries: AuditEntry[] }> {
    return { entries: await this.audit.page(request) };
  }

  /** An entry of another service. Gateways of the previous release send theirs as commands, with the same type. */
  @CommandPattern(AUDIT_COMMAND)
  async onRecord(@Payload({ schema: auditCommand }) entry: AuditCommand, @Ctx() { user }: AmqpContext): Promise<void> {
    if (!mayRecord(user, entry.action)) throw new DeadMessage('wrong-sender', 'its sender does not do this itself');
    await this.database.transaction((manager) => this.audit.add(manager, entry));
  }
}
