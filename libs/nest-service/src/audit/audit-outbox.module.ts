import {
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Amqp } from '@signalbox/messaging';
import { OutboxRelay } from '@signalbox/persistence';
import { CLOCK, CONFIG, LOGGER, type Clock, type Logger, type ServiceConfig } from '@signalbox/platform';
import { schemaOf } from '../infrastructure.module.js';
import { auditOutbox } from './audit-outbox.js';

/** Sends what `recordAudit` committed to the keeper of the audit trail. Needs the `InfrastructureModule` beside it. */
@Module({})
export class AuditOutboxModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(@Inject(OutboxRelay) private readonly relay: OutboxRelay<unknown, void>) {}

  static register({ service }: { readonly service: string }): DynamicModule {
    return {
      module: AuditOutboxModule,
      providers: [
        {
          provide: OutboxRelay,
          inject: [CONFIG, LOGGER, CLOCK, Amqp],
          useFactory: (config: ServiceConfig, logger: Logger, clock: Clock, amqp: Amqp) =>
            auditOutbox({ url: () => config.DATABASE_URL, schema: schemaOf(service), logger, clock, amqp }),
        },
      ],
    };
  }

  onApplicationBootstrap(): void {
    this.relay.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.relay.stop();
  }
}
