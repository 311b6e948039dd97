import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { dataplaneEvent, eventKey, eventsQueue, retryPath, type DataplaneEvent } from '@signalbox/contracts/messages';
import { Amqp, DeadMessage, type Delivery, type Subscription } from '@signalbox/messaging';
import { inTermsOfMessaging } from '@signalbox/nest-service';
import { FollowOperations } from './operations/follow-operations.js';
import { FollowRestarts } from './restarts/follow-restarts.js';

/** Hears what became of commands. Whoever may report may write here, so only what is an event counts, and nothing that looks like a command. */
@Injectable()
export class EventsConsumer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private subscription: Subscription | undefined;

  constructor(
    private readonly amqp: Amqp,
    private readonly restarts: FollowRestarts,
    private readonly operations: FollowOperations,
  ) {}

  onApplicationBootstrap(): void {
    this.subscription = this.amqp.subscribe({
      queue: eventsQueue.name,
      schema: dataplaneEvent,
      retry: retryPath(eventsQueue.name),
      handler: (delivery) => this.hear(delivery),
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.subscription?.close();
  }

  private async hear({ body, routingKey }: Delivery<DataplaneEvent>): Promise<void> {
    if (routingKey !== eventKey(body.dataplane))
      throw new DeadMessage('wrong-key', `an event of a dataplane travels with the key ${eventKey('<name>')}`);
    try {
      await (body.kind === 'restart' ? this.restarts.onEvent(body) : this.operations.onEvent(body));
    } catch (error) {
      throw inTermsOfMessaging(error);
    }
  }
}
