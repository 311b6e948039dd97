import { Inject, Injectable } from '@nestjs/common';
import { commandKey, dataplaneCommandTypes, exchanges, REPORT_INTERVAL_MS } from '@signalbox/contracts';
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
    const message = { exchange: exchanges.commands.name, routingKey: commandKey(dataplane, 'health'), type: dataplaneCommandTypes.healthRequest, body: { dataplane } };
    // An agent that is away need not answer when it comes back: it reports then by itself.
    this.amqp.publisher.publish({ ...message, expirationMs: REPORT_INTERVAL_MS }).catch((error: unknown) => {
      this.logger.debug({ err: error, dataplane }, 'a health request was not sent');
    });
  }
}
