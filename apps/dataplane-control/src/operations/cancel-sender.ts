import { Inject, Injectable } from '@nestjs/common';
import { commandKey, dataplaneCommandTypes, exchanges, type CancelCommand } from '@signalbox/contracts/messages';
import type { OperationEntry } from '@signalbox/contracts/streams';
import { Amqp } from '@signalbox/messaging';
import { LOGGER, type Logger } from '@signalbox/platform';

/** Sends a dataplane the command to cancel an operation. */
@Injectable()
export class CancelSender {
  constructor(
    private readonly amqp: Amqp,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Repeats are harmless. @returns whether the dataplane's queue has it */
  async send({ id, dataplane }: Pick<OperationEntry, 'id' | 'dataplane'>): Promise<boolean> {
    const body: CancelCommand = { operation_id: id, dataplane };
    try {
      await this.amqp.publisher.publish({
        exchange: exchanges.commands.name,
        routingKey: commandKey(dataplane, 'cancel'),
        type: dataplaneCommandTypes.cancel,
        body,
        persistent: true,
        mandatory: true,
      });
      return true;
    } catch (error) {
      this.logger.warn({ err: error, operation: id }, 'command to cancel an operation not sent');
      return false;
    }
  }
}
