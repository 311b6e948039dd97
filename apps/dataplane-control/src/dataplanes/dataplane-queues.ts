import { Inject, Injectable } from '@nestjs/common';
import { dataplaneTopology } from '@signalbox/contracts';
import { Amqp } from '@signalbox/messaging';
import { CLOCK, within, type Clock } from '@signalbox/platform';

/** A broker that has just come back may take long to say that a queue is there, and what waits for it must not wait for ever. */
const PATIENCE_MS = 10_000;

/** The queues of the dataplanes, each made when it is first heard of. */
@Injectable()
export class DataplaneQueues {
  private readonly declared = new Set<string>();

  constructor(
    private readonly amqp: Amqp,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws PublishError while the broker is away; Error where it does not answer */
  async ensure(dataplane: string): Promise<void> {
    if (this.declared.has(dataplane)) return;
    await within({ clock: this.clock, ms: PATIENCE_MS, what: `declaration of the queues of ${dataplane}` }, this.amqp.declare(dataplaneTopology(dataplane)));
    this.declared.add(dataplane);
  }
}
