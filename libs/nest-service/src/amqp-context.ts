import { BaseRpcContext } from '@nestjs/microservices';
import { DeadMessage, type Delivery } from '@signalbox/messaging';

/** What a handler may know of its message besides the body: `@Ctx() context: AmqpContext`. */
export class AmqpContext extends BaseRpcContext<[Delivery<unknown>]> {
  constructor(delivery: Delivery<unknown>) {
    super([delivery]);
  }

  get delivery(): Delivery<unknown> {
    return this.args[0];
  }

  /**
   * The id under which the effect of this message is remembered.
   * @throws DeadMessage where the sender gave none: it cannot be done exactly once
   */
  get messageId(): string {
    const { messageId } = this.delivery;
    if (messageId === undefined || messageId === '')
      throw new DeadMessage('no-message-id', 'a message with an effect needs a message id');
    return messageId;
  }

  /** The user of the broker that sent it first. */
  get user(): string | undefined {
    return this.delivery.user;
  }

  /** Unix ms after which the effect is not wanted. */
  get deadline(): number | undefined {
    return this.delivery.deadline;
  }
}
