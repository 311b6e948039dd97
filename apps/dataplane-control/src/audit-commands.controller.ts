import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { auditCommand, type AuditCommand } from '@signalbox/contracts/messages';
import { dataplaneStream } from '@signalbox/contracts/streams';
import { CommandPattern, recordAudit } from '@signalbox/nest-service';
import { Database } from '@signalbox/persistence';

/** Passes on entries of the audit trail that gateways of 0.1.0 sent to this service, which kept it. They may still wait in its queue. */
@Controller()
export class AuditCommandsController {
  constructor(private readonly database: Database) {}

  @CommandPattern('dataplane-control.record')
  async onRecord(@Payload({ schema: auditCommand }) entry: AuditCommand): Promise<void> {
    await this.database.streamTransaction(dataplaneStream.name, async (transaction) => recordAudit(transaction, entry));
  }
}
