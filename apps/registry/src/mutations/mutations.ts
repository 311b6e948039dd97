import { Inject, Injectable } from '@nestjs/common';
import {
  auditOf,
  frozenMessage,
  type AuditCommand,
  type RegistryReply,
  type RegistryRequest,
} from '@signalbox/contracts/messages';
import { registryStream } from '@signalbox/contracts/streams';
import { recordAudit, type AmqpContext } from '@signalbox/nest-service';
import { Database, DeadlinePassed, type HandledMessage, type Outcome } from '@signalbox/persistence';
import { CLOCK, CONFIG, type Clock } from '@signalbox/platform';
import type { Config } from '../config.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { refused } from '../requests/refusal.js';
import { TreeTransaction } from '../tree/tree-transaction.js';
import { demandQuotas } from './demand-quotas.js';

export interface Mutation {
  readonly request: RegistryRequest;
  readonly context: AmqpContext;
  /** For the audit trail, for example `put-project`. */
  readonly action: string;
  /** For a mutation that does not change the configuration. */
  readonly allowedWhenFrozen?: boolean;
}

/** The tree has changed since the mutation was prepared. */
export class StalePreparation extends Error {
  override readonly name = 'StalePreparation';
}

/** More are needed only where others keep changing the same resource while it is prepared. */
const MAX_PREPARATIONS = 5;

/** The part of the tree that a mutation returns. */
type Shown = Omit<RegistryReply, 'seq'>;

/** Runs mutations. Changes of the tree, reply, audit entry and changes of the stream are one transaction. */
@Injectable()
export class Mutations {
  constructor(
    private readonly database: Database,
    private readonly lifecycle: Lifecycle,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * For a mutation whose preparation takes long: `prepare` runs outside of any transaction. A message that was handled before gets its
   * stored reply, and is refused for nothing that has changed since. Where `work` throws StalePreparation, `prepare` runs again.
   * @param prepare gets a signal that is aborted at the request's deadline
   * @throws RequestRefused by `allow`, `prepare` or `work`; DeadlinePassed
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
      const prepared = await prepare(signal).catch((error: unknown) => {
        // The sender may have sent the request again, with a later deadline: a refusal for lack of time would answer that one.
        throw signal.aborted ? new DeadlinePassed('the deadline passed during the preparation') : error;
      });
      try {
        return await this.run(mutation, (tree) => work(tree, prepared));
      } catch (error) {
        if (!(error instanceof StalePreparation)) throw error;
        if (times === MAX_PREPARATIONS)
          throw refused('unavailable', 'Others keep changing the same resource at this moment.');
      }
    }
  }

  /** @throws RequestRefused by `allow`, by `work`, or quota_exceeded */
  async run(mutation: Mutation, work: (tree: TreeTransaction) => Promise<Shown>): Promise<RegistryReply> {
    const { request, context, action } = mutation;
    const outcome = await this.database.once(
      { ...this.keyOf(context), stream: registryStream.name },
      async (transaction) => {
        // In here, where it is known that this message was not handled before: a repeated request must get its stored reply, not a refusal.
        this.allow(mutation);
        const tree = new TreeTransaction(transaction);
        const shown = await work(tree);
        await demandQuotas(tree, this.config.SIGNALBOX_QUOTAS);
        recordAudit(
          transaction,
          auditOf(request.by, {
            at: this.clock.now(),
            action,
            resource: resourceOf(shown),
            detail: detailOf(shown),
          }),
        );
        return shown;
      },
    );
    return replyOf(outcome);
  }

  private keyOf({ messageId, deadline }: AmqpContext): HandledMessage {
    return { consumer: 'registry', messageId, deadline };
  }

  /** @throws RequestRefused while writes are not accepted: during start and stop, and with a frozen configuration */
  private allow({ allowedWhenFrozen = false }: Mutation): void {
    const { state, frozen, frozenBecause } = this.lifecycle.now;
    if (state === 'initializing') throw refused('initializing', 'The registry is still loading its projects.');
    if (state === 'draining') throw refused('draining', 'The registry is stopping.');
    if (frozen && !allowedWhenFrozen) throw refused('frozen', frozenMessage(frozenBecause ?? undefined));
  }
}

const replyOf = ({ reply, seq }: Outcome<Shown>): RegistryReply => ({ ...reply, seq: seq ?? null });

/** The credentials that were dropped, each by its connection and its place. */
function detailOf({ credentials_dropped: dropped = [] }: Shown): AuditCommand['detail'] {
  const places = dropped.flatMap(({ connection, members }) => members.map((place) => `${connection}: ${place}`));
  return places.length === 0 ? {} : { credentials_dropped: places };
}

/** `<project>` or `<project>/<name>`, for the audit trail. */
function resourceOf({ tree, connection, package: pkg }: Shown): string {
  const { project, name } = connection ?? pkg ?? { project: tree?.project.name, name: undefined };
  return [project, name].filter((part) => part !== undefined).join('/');
}
