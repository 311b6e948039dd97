import { Inject, Injectable } from '@nestjs/common';
import { commandKey, dataplaneCommandTypes, exchanges } from '@signalbox/contracts/messages';
import { Amqp } from '@signalbox/messaging';
import { LOGGER, type Logger } from '@signalbox/platform';

/** Asks dataplanes how they are, where their own report is overdue. */
@Injectable()
export class HealthRequests {
  constructor(
    private readonly amqp: Amqp,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  ask(dataplane: string): void {
    const message = {
      exchange: exchanges.commands.name,
      routingKey: commandKey(dataplane, 'health'),
      type: dataplaneCommandTypes.healthRequest,
      body: { dataplane },
    };
    this.amqp.publisher.publish(message).catch((error: unknown) => {
      this.logger.debug({ err: error, dataplane }, 'a health request was not sent');
    });
  }
}
