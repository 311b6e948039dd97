import { Inject, Injectable } from '@nestjs/common';
import { FROZEN_MESSAGE, type RegistryReply, type RegistryRequest } from '@signalbox/contracts/messages';
import { registryStream } from '@signalbox/contracts/streams';
import type { AmqpContext } from '@signalbox/nest-service';
import { Database, type Outcome } from '@signalbox/persistence';
import { CLOCK, type Clock } from '@signalbox/platform';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { refused } from '../requests/refusal.js';
import { TreeTransaction } from '../tree/tree-transaction.js';

export interface Mutation {
  readonly request: RegistryRequest;
  readonly context: AmqpContext;
  /** For the audit log, for example `put-project`. */
  readonly action: string;
  /** Where nothing of the configuration is changed by it. */
  readonly evenIfFrozen?: boolean;
}

/** What was prepared does not fit what there is by now. */
export class PreparedInVain extends Error {
  override readonly name = 'PreparedInVain';
}

/** Somebody would have to change the same thing again and again while it is being prepared. */
const PREPARED_TIMES = 5;

/** What a mutation shows of the tree. */
type Shown = Omit<RegistryReply, 'seq'>;

/** One write to the tree, the answer it leads to, the line in the audit log and the news for the gateways: all or nothing. */
@Injectable()
export class Mutations {
  constructor(
    private readonly database: Database,
    private readonly lifecycle: Lifecycle,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * For what takes long to prepare, outside of any transaction. Where this message was acted on before, its answer is there already;
   * only after that may it be refused for what has changed since. `work` may throw PreparedInVain, and it is prepared anew.
   * @param prepare given a signal for when nobody waits any longer @throws RequestRefused by `allow`, `prepare` or `work`
   */
  async runPrepared<Prepared>(
    mutation: Mutation,
    prepare: (signal: AbortSignal) => Promise<Prepared>,
    work: (tree: TreeTransaction, prepared: Prepared) => Promise<Shown>,
  ): Promise<RegistryReply> {
    const known = await this.database.outcomeOf<Shown>(this.keyOf(mutation.context));
    if (known) return replyOf(known);
    this.allow(mutation);
    const { deadline } = mutation.context;
    const signal =
      deadline === undefined
        ? new AbortController().signal
        : AbortSignal.timeout(Math.max(0, Math.floor(deadline - this.clock.now())));
    for (let times = 1; ; times += 1) {
      const prepared = await prepare(signal);
      try {
        return await this.run(mutation, (tree) => work(tree, prepared));
      } catch (error) {
        if (!(error instanceof PreparedInVain) || times === PREPARED_TIMES) throw error;
      }
    }
  }

  /** @throws RequestRefused by `allow`, or by `work` */
  async run(mutation: Mutation, work: (tree: TreeTransaction) => Promise<Shown>): Promise<RegistryReply> {
    const { request, context, action } = mutation;
    const outcome = await this.database.once(
      { ...this.keyOf(context), stream: registryStream.name, deadline: context.deadline },
      async (transaction) => {
        // In here, where it is known that this message was not acted on before: what was done must not be refused when it is asked for again.
        this.allow(mutation);
        const shown = await work(new TreeTransaction(transaction));
        await transaction.manager.query(
          'INSERT INTO audit (key_id, request_id, action, resource) VALUES ($1, $2, $3, $4)',
          [request.by, request.request_id, action, resourceOf(shown)],
        );
        return shown;
      },
    );
    return replyOf(outcome);
  }

  private keyOf({ messageId }: AmqpContext): { consumer: string; messageId: string } {
    return { consumer: 'registry', messageId };
  }

  /** @throws RequestRefused while there are no writes: at the start, at the end, where the configuration is frozen */
  private allow({ evenIfFrozen = false }: Mutation): void {
    const { state, frozen } = this.lifecycle.now;
    if (state === 'initializing') throw refused('initializing', 'The registry is still loading its projects.');
    if (state === 'draining') throw refused('draining', 'The registry is stopping.');
    if (frozen && !evenIfFrozen) throw refused('frozen', FROZEN_MESSAGE);
  }
}

const replyOf = ({ reply, seq }: Outcome<Shown>): RegistryReply => ({ ...reply, seq: seq ?? null });

/** `<project>` or `<project>/<name>`, for the audit log. */
function resourceOf({ tree, connection, package: pkg }: Shown): string {
  const { project, name } = connection ?? pkg ?? { project: tree?.project.name, name: undefined };
  return [project, name].filter((part) => part !== undefined).join('/');
}
