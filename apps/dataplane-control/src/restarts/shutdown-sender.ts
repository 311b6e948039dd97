import { Inject, Injectable } from '@nestjs/common';
import { commandKey, dataplaneCommandTypes, exchanges } from '@signalbox/contracts/messages';
import type { RestartEntry } from '@signalbox/contracts/streams';
import { Amqp } from '@signalbox/messaging';
import { LOGGER, type Logger } from '@signalbox/platform';
import { commandOf } from './restart.rules.js';

/** Sends the shutdown command of a restart to its dataplane. */
@Injectable()
export class ShutdownSender {
  constructor(
    private readonly amqp: Amqp,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** A restart whose command is not sent stays `requested` and is sent again later. Repeats are harmless: no incarnation executes one twice. */
  async send(restart: RestartEntry): Promise<void> {
    const message = {
      exchange: exchanges.commands.name,
      routingKey: commandKey(restart.dataplane, 'shutdown'),
      type: dataplaneCommandTypes.shutdown,
      messageId: restart.id,
      body: commandOf(restart),
      persistent: true,
      mandatory: true,
    };
    await this.amqp.publisher.publish(message).catch((error: unknown) => {
      this.logger.warn({ err: error, restart: restart.id }, 'shutdown command not sent; retrying');
    });
  }
}
