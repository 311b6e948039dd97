import { Injectable } from '@nestjs/common';
import { commandKey, dataplaneCommandTypes, exchanges } from '@signalbox/contracts/messages';
import { type RestartEntry } from '@signalbox/contracts/streams';
import { Amqp } from '@signalbox/messaging';
import { commandOf } from './restart.js';

/** Sends a dataplane the message that it is to stop. */
@Injectable()
export class ShutdownSender {
  constructor(private readonly amqp: Amqp) {}

  /** May be done again: it is the same message, and no life obeys it twice. @throws PublishError */
  async send(restart: RestartEntry): Promise<void> {
    await this.amqp.publisher.publish({
      exchange: exchanges.commands.name,
      routingKey: commandKey(restart.dataplane, 'shutdown'),
      type: dataplaneCommandTypes.shutdown,
      messageId: restart.id,
      body: commandOf(restart),
      persistent: true,
      mandatory: true,
    });
  }
}
