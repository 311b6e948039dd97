import { Inject, Injectable } from '@nestjs/common';
import { controlQueue, dataplaneTopology, operationsQueue, type TopologyContract } from '@signalbox/contracts/messages';
import { Amqp } from '@signalbox/messaging';
import { CLOCK, within, type Clock } from '@signalbox/platform';

/** Bounds a declaration, ms: a broker that has just come back may answer late, and what waits for the queues must not wait for ever. */
const DECLARE_TIMEOUT_MS = 10_000;
/** Ms between two declarations for an agent that does not find its queues. */
const REDECLARE_AFTER_MS = 5_000;

interface Declared {
  readonly topology: TopologyContract;
  /** On the monotonic clock. */
  at: number;
}

/** Declares the queues of each dataplane at its first report, and deletes them when it is removed. */
@Injectable()
export class DataplaneQueues {
  private readonly declared = new Map<string, Declared>();

  constructor(
    private readonly amqp: Amqp,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws PublishError without a connection to the broker; Error where the broker does not answer */
  async ensure(dataplane: string): Promise<void> {
    if (!this.declared.has(dataplane)) await this.declare(dataplane, dataplaneTopology(dataplane));
  }

  /** For an agent that reports `starting`: its queues may have been deleted. @throws as above */
  async restore(dataplane: string): Promise<void> {
    const known = this.declared.get(dataplane);
    if (!known) await this.ensure(dataplane);
    else if (this.clock.monotonic() - known.at > REDECLARE_AFTER_MS) await this.declare(dataplane, known.topology);
  }

  /**
   * Deletes the queues of a dataplane that was removed, with the commands that wait there; again is the same. Its next report declares
   * them again. @throws as above
   */
  async remove(dataplane: string): Promise<void> {
    this.forget(dataplane);
    try {
      await within(
        { clock: this.clock, ms: DECLARE_TIMEOUT_MS, what: `deletion of the queues of ${dataplane}` },
        this.amqp.undeclare(dataplaneTopology(dataplane), [
          controlQueue(dataplane).name,
          operationsQueue(dataplane).name,
        ]),
      );
    } finally {
      // What a report has declared meanwhile may be deleted.
      this.forget(dataplane);
    }
  }

  /** It was removed: its queues are declared at its next report, and not before. */
  forget(dataplane: string): void {
    const known = this.declared.get(dataplane);
    if (!known) return;
    this.declared.delete(dataplane);
    this.amqp.forget(known.topology);
  }

  private async declare(dataplane: string, topology: TopologyContract): Promise<void> {
    await within(
      { clock: this.clock, ms: DECLARE_TIMEOUT_MS, what: `declaration of the queues of ${dataplane}` },
      this.amqp.declare(topology),
    );
    this.declared.set(dataplane, { topology, at: this.clock.monotonic() });
  }
}
