import { Module } from '@nestjs/common';
import { AUDIT_COMMAND, auditCommand, auditQueue, journalTopology, retryPath } from '@signalbox/contracts/messages';
import { AmqpHandlersModule, InfrastructureModule } from '@signalbox/nest-service';
import { AuditModule } from './audit/audit.module.js';
import { entities, migrations } from './database/data-source.js';

const service = 'journal';

/** One at a time: entries keep the order in which their service committed them. */
const entriesOfServices = {
  queue: auditQueue.name,
  only: { pattern: AUDIT_COMMAND, schema: auditCommand },
  retry: retryPath(auditQueue.name),
  prefetch: 1,
};

@Module({
  imports: [
    InfrastructureModule.register({
      service,
      topology: journalTopology(),
      entities,
      migrations,
      requiredForReadiness: true,
    }),
    AmqpHandlersModule.register({ service, hasCommands: false, events: [entriesOfServices] }),
    AuditModule,
  ],
})
export class AppModule {}
