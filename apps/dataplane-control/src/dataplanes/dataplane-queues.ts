import { Injectable } from '@nestjs/common';
import { dataplaneTopology } from '@signalbox/contracts';
import { Amqp } from '@signalbox/messaging';

/** The queues of the dataplanes, each made when it is first heard of. */
@Injectable()
export class DataplaneQueues {
  private readonly declared = new Set<string>();

  constructor(private readonly amqp: Amqp) {}

  /** @throws PublishError while the broker is away */
  async ensure(dataplane: string): Promise<void> {
    if (this.declared.has(dataplane)) return;
    await this.amqp.declare(dataplaneTopology(dataplane));
    this.declared.add(dataplane);
  }
}
