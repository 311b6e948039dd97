import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { DATAPLANE_EVENT, eventKey, RETRY_DELAYS_MS, type DataplaneEvent } from '@signalbox/contracts/messages';
import { DeadMessage } from '@signalbox/messaging';
import { AmqpContext, CommandPattern } from '@signalbox/nest-service';
import { CommandUnknown } from '../commands/command-unknown.error.js';
import { OperationLog } from '../operations/operation-log.js';
import { RestartLog } from '../restarts/restart-log.js';

/** Events of agents about commands. Every agent may publish here: `HandledQueue.only` keeps its messages from all other handlers. */
@Controller()
export class EventsController {
  constructor(
    private readonly restarts: RestartLog,
    private readonly operations: OperationLog,
  ) {}

  @CommandPattern(DATAPLANE_EVENT)
  async onEvent(@Payload() event: DataplaneEvent, @Ctx() { delivery }: AmqpContext): Promise<void> {
    if (delivery.routingKey !== eventKey(event.dataplane))
      throw new DeadMessage('wrong-key', `an event of a dataplane travels with the key ${eventKey('<name>')}`);
    try {
      await (event.kind === 'restart' ? this.restarts.event(event) : this.operations.event(event));
    } catch (error) {
      const isLastTry = delivery.tries > RETRY_DELAYS_MS.length;
      throw error instanceof CommandUnknown && isLastTry ? new DeadMessage(error.reason, error.message) : error;
    }
  }
}
