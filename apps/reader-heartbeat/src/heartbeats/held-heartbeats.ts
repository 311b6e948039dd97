import { heldQueue, heldTopology } from '@signalbox/contracts/messages';
import type { Amqp, RawDelivery, Subscription } from '@signalbox/messaging';
import { settlesWithin, type Clock } from '@signalbox/platform';

/** What arrives in the owner's own queue waits no longer for what was held. */
const HANDED_OVER_WITHIN_MS = 1_000;

export interface HeldHeartbeatsOptions {
  readonly partition: number;
  readonly handle: (batch: readonly RawDelivery[]) => Promise<void>;
  readonly amqp: Amqp;
  readonly clock: Clock;
}

/**
 * Hands over what arrived while a partition had no owner. The owner consumes it on a channel of its own, beside its queue, which does not depend
 * on a quorum.
 */
export class HeldHeartbeats {
  private handingOver: Promise<unknown> | undefined;
  private subscription: Subscription | undefined;
  /** Counts `begin` and `end`. */
  private turn = 0;

  constructor(private readonly options: HeldHeartbeatsOptions) {}

  /**
   * Resolves when what was held at the last `begin` is handled, or after a second; undefined afterwards. It is older than all that the owner's own
   * queue has.
   */
  get taken(): Promise<unknown> | undefined {
    return this.handingOver;
  }

  /**
   * To be called when this process has the queue of the partition: nothing more is held from then on.
   * @param left what it had received from its queue before, and not handled
   */
  begin(left: readonly RawDelivery[]): void {
    void this.end();
    const bound = { clock: this.options.clock, ms: HANDED_OVER_WITHIN_MS };
    const handingOver = settlesWithin(bound, this.handOver(this.turn, left)).finally(() => {
      if (this.handingOver === handingOver) this.handingOver = undefined;
    });
    this.handingOver = handingOver;
  }

  async end(): Promise<void> {
    this.turn += 1;
    const { subscription } = this;
    this.subscription = undefined;
    await subscription?.close();
  }

  private async handOver(turn: number, left: readonly RawDelivery[]): Promise<void> {
    const { amqp, handle, partition } = this.options;
    await handle(left);
    const queue = heldQueue(partition).name;
    const held = await this.count(queue).catch(() => 0);
    if (turn !== this.turn) return;
    let handled = 0;
    await new Promise<void>((resolve) => {
      this.subscription = amqp.subscribeBatch({
        queue,
        declare: heldTopology(partition),
        handler: async (batch) => {
          await handle(batch);
          handled += batch.length;
          if (handled >= held) resolve();
        },
      });
      this.subscription.ready.catch(() => undefined);
      if (held === 0) resolve();
    });
  }

  /** Before the first owner there is no such queue. */
  private async count(queue: string): Promise<number> {
    const { amqp, partition } = this.options;
    // On later connections the subscription declares it.
    await amqp.declareOnce(heldTopology(partition));
    return (await amqp.messageCount(queue)) ?? 0;
  }
}
