import { Inject, Injectable } from '@nestjs/common';
import { dataplaneTopology, type TopologyContract } from '@signalbox/contracts/messages';
import { Amqp } from '@signalbox/messaging';
import { CLOCK, within, type Clock } from '@signalbox/platform';

/** A broker that has just come back may take long to say that a queue is there, and what waits for it must not wait for ever. */
const PATIENCE_MS = 10_000;
/** Ms between two declarations for an agent that cannot find its queues. */
const AGAIN_MS = 5_000;

interface Declared {
  readonly topology: TopologyContract;
  /** On the monotonic clock. */
  at: number;
}

/** The queues of the dataplanes, each made when it is first heard of. */
@Injectable()
export class DataplaneQueues {
  private readonly declared = new Map<string, Declared>();

  constructor(
    private readonly amqp: Amqp,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws PublishError while the broker is away; Error where it does not answer */
  async ensure(dataplane: string): Promise<void> {
    if (!this.declared.has(dataplane)) await this.declare(dataplane, dataplaneTopology(dataplane));
  }

  /** For an agent that is not there yet, maybe as its queues are not: somebody may have deleted them. @throws as above */
  async restore(dataplane: string): Promise<void> {
    const known = this.declared.get(dataplane);
    if (!known) await this.ensure(dataplane);
    else if (this.clock.monotonic() - known.at > AGAIN_MS) await this.declare(dataplane, known.topology);
  }

  private async declare(dataplane: string, topology: TopologyContract): Promise<void> {
    await within(
      { clock: this.clock, ms: PATIENCE_MS, what: `declaration of the queues of ${dataplane}` },
      this.amqp.declare(topology),
    );
    this.declared.set(dataplane, { topology, at: this.clock.monotonic() });
  }
}
