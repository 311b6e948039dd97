import type { ChannelModel } from 'amqplib';
import { Backoff, describeError, settlesWithin, systemClock, type Logger } from '@signalbox/platform';
import { onOwnChannel } from './own-channel.js';
import { declarationsOf, topologyOfQueue, type Declaration, type Topology } from './topology.js';

/** One step may take so long: a broker that waits for a node it cannot reach does not answer. */
const LONGEST_STEP_MS = 10_000;
const AGAIN = { minMs: 500, maxMs: 10_000 };

export interface TopologyKeeperOptions {
  /** Those of now; all that a connection needs. */
  readonly topologies: readonly Topology[];
  readonly prepared: Topology | undefined;
  readonly logger: Logger;
}

/**
 * Declares what the connections need. A queue whose node is down is left out, with its bindings, and declared later beside the connection,
 * which is of use meanwhile for everything else.
 */
export class TopologyKeeper {
  /** Queues that could not be declared, with the reasons. */
  private missing: ReadonlyMap<string, string> = new Map();
  private readonly backoff = new Backoff(AGAIN);
  private model: ChannelModel | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: TopologyKeeperOptions) {}

  /** One line for each queue that could not be declared. */
  get complaints(): readonly string[] {
    return Array.from(this.missing, ([queue, reason]) => `queue ${queue} is not declared: ${reason}`);
  }

  /**
   * Declares everything once, as far as nodes are up.
   * @throws the broker's error where it refuses something for good
   */
  async declare(model: ChannelModel): Promise<void> {
    await this.declareAvailable(model, this.all());
  }

  /** As `declare`, and then what is missing, until it is declared or the connection ends. */
  async keep(model: ChannelModel): Promise<void> {
    this.model = model;
    model.once('close', () => this.lost(model));
    this.backoff.reset();
    this.note(await this.declareAvailable(model, this.all()));
    this.declareLater(model);
  }

  private all(): Declaration[] {
    const { topologies, prepared } = this.options;
    return topologies.flatMap((topology) => declarationsOf(topology, prepared));
  }

  private lost(model: ChannelModel): void {
    if (this.model !== model) return;
    this.model = undefined;
    clearTimeout(this.timer);
  }

  private declareLater(model: ChannelModel): void {
    if (this.missing.size === 0 || this.model !== model) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.declareMissing(model), this.backoff.nextMs());
  }

  private async declareMissing(model: ChannelModel): Promise<void> {
    const { topologies, prepared, logger } = this.options;
    const wanted = Array.from(this.missing.keys(), (queue) => topologyOfQueue(topologies, queue));
    try {
      this.note(
        await this.declareAvailable(
          model,
          wanted.flatMap((topology) => declarationsOf(topology, prepared)),
        ),
      );
      this.declareLater(model);
    } catch (error) {
      if (this.model !== model) return;
      logger.warn({ reason: describeError(error) }, 'a queue cannot be declared; connecting again');
      await model.close().catch(() => undefined);
    }
  }

  /** Gives the queues that could not be declared, with the reasons. */
  private async declareAvailable(
    model: ChannelModel,
    declarations: readonly Declaration[],
  ): Promise<ReadonlyMap<string, string>> {
    const missing = new Map<string, string>();
    let left = declarations;
    while (left.length > 0) {
      // The broker closes the channel on which it refuses something: what follows needs another one.
      left = await onOwnChannel(model, async (channel) => {
        for (const [index, { queue, on }] of left.entries()) {
          if (queue !== undefined && missing.has(queue)) continue;
          try {
            await answered(on(channel));
          } catch (error) {
            if (queue === undefined || !mayPass(error)) throw error;
            missing.set(queue, describeError(error));
            return left.slice(index + 1);
          }
        }
        return [];
      });
    }
    return missing;
  }

  private note(missing: ReadonlyMap<string, string>): void {
    const { logger } = this.options;
    for (const [queue, reason] of missing)
      if (this.missing.get(queue) !== reason) logger.warn({ queue, reason }, 'queue not declared; trying again');
    for (const queue of this.missing.keys()) if (!missing.has(queue)) logger.info({ queue }, 'queue declared');
    this.missing = missing;
  }
}

class NoAnswer extends Error {}

/** @throws NoAnswer, or the error of the work */
async function answered(work: Promise<unknown>): Promise<void> {
  if (!(await settlesWithin({ clock: systemClock, ms: LONGEST_STEP_MS }, work)))
    throw new NoAnswer(`the broker did not answer within ${LONGEST_STEP_MS / 1_000} s`);
  await work;
}

/** The node of a queue is down, or the broker waits for it. Every other refusal lasts until an operator changes something. */
function mayPass(error: unknown): boolean {
  if (error instanceof NoAnswer) return true;
  return (
    error instanceof Error && 'code' in error && error.code === 404 && /is down or inaccessible/.test(error.message)
  );
}
