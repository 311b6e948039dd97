import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import {
  auditActions,
  auditOf,
  restartDeadline,
  restartIdOf,
  type RestartReply,
  type RestartRequest,
} from '@signalbox/contracts/messages';
import { dataplaneStream, type RestartEntry } from '@signalbox/contracts/streams';
import { RequestRefused } from '@signalbox/messaging';
import { recordAudit, type AmqpContext } from '@signalbox/nest-service';
import { Database, type StreamTransaction } from '@signalbox/persistence';
import { CLOCK, type Clock } from '@signalbox/platform';
import type { EntityManager } from 'typeorm';
import { DataplaneRepository } from '../dataplanes/dataplane.repository.js';
import { RestartRepository } from './restart.repository.js';
import { restartOf } from './restart.rules.js';
import { ShutdownSender } from './shutdown-sender.js';

type Accepted = Omit<RestartReply, 'seq'>;

/** Restarts a dataplane, unless an equal restart is in progress: that one is joined. */
@Injectable()
export class RequestRestartCommand {
  constructor(
    private readonly database: Database,
    private readonly dataplanes: DataplaneRepository,
    private readonly restarts: RestartRepository,
    private readonly sender: ShutdownSender,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Stores the restart before its command is sent: whatever happens to this process, the command is sent.
   * @throws RequestRefused: unknown_dataplane, restart_in_progress, key_reused
   */
  async execute(request: RestartRequest, { messageId, deadline }: AmqpContext): Promise<RestartReply> {
    const { reply, seq, replayed } = await this.database.once<Accepted>(
      { consumer: 'restarts', messageId, stream: dataplaneStream.name, deadline },
      async (transaction) => {
        await this.dataplanes.lock(transaction, request.dataplane);
        const accepted = await this.accept(transaction, request);
        recordAudit(transaction, recorded(request, accepted, this.clock.now()));
        return accepted;
      },
    );
    // A replayed reply was sent before, or RestartKeeper sends it.
    if (!reply.joined && !replayed) await this.sender.send(reply.restart);
    return { ...reply, seq: seq ?? null };
  }

  private async accept(transaction: StreamTransaction, request: RestartRequest): Promise<Accepted> {
    const { manager } = transaction;
    const { dataplane: name, idempotency_key, by, drain_seconds, reason } = request;
    const dataplane = await this.dataplanes.find(manager, name);
    if (!dataplane)
      throw new RequestRefused(
        'unknown_dataplane',
        `There is no dataplane ${name}: it has never reported, or it was removed.`,
      );
    const key = idempotency_key === null ? undefined : `${by.key_id ?? ''} ${idempotency_key}`;
    const keyed = { dataplane: name, drain_seconds, reason };
    const known = key === undefined ? undefined : await this.restarts.findByKey(manager, key);
    if (known) return { restart: equalRestart(known, keyed), joined: true };
    const open = await this.openRestart(manager, request, dataplane.boot_id);
    const restart = open ?? this.newRestart(request, dataplane.boot_id);
    if (!open) await this.restarts.add(transaction, restart);
    // A key also names the restart that it joined.
    if (key !== undefined) await this.restarts.putKey(manager, { key, restart, request: keyed });
    return { restart, joined: open !== undefined };
  }

  /** The restart to join. @throws RequestRefused where it is not equal */
  private async openRestart(
    manager: EntityManager,
    { dataplane, drain_seconds }: RestartRequest,
    bootId: string,
  ): Promise<RestartEntry | undefined> {
    const open = (await this.restarts.open(manager, dataplane)).find((restart) => restart.boot_id === bootId);
    if (open && open.drain_seconds !== drain_seconds)
      throw new RequestRefused(
        'restart_in_progress',
        `The restart ${open.id} of ${dataplane} is in progress and lets what runs go on for ${open.drain_seconds} s.`,
      );
    return open;
  }

  private newRestart({ dataplane, drain_seconds, reason, by }: RestartRequest, boot_id: string): RestartEntry {
    const requested_at = this.clock.now();
    return restartOf(
      {
        restart_id: restartIdOf(randomBytes(12).toString('hex')),
        dataplane,
        boot_id,
        drain_seconds,
        reason,
        by,
        requested_at,
        expires_at: restartDeadline(requested_at, drain_seconds),
      },
      'requested',
    );
  }
}

/** @throws RequestRefused where the key was used for another request */
function equalRestart({ restart, request }: { restart: RestartEntry; request: unknown }, keyed: object): RestartEntry {
  if (isDeepStrictEqual(request, keyed)) return restart;
  throw new RequestRefused('key_reused', 'This Idempotency-Key was used for another restart.');
}

const recorded = (
  { dataplane, by, drain_seconds, reason }: RestartRequest,
  { restart, joined }: Accepted,
  at: number,
) =>
  auditOf(by, {
    at,
    action: auditActions.restart,
    resource: dataplane,
    result: joined ? 'joined' : 'accepted',
    detail: { restart_id: restart.id, boot_id: restart.boot_id, drain_seconds, reason },
  });
