import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import {
  auditActions,
  restartDeadline,
  restartIdOf,
  type RestartReply,
  type RestartRequest,
} from '@signalbox/contracts/messages';
import { streams, type RestartEntry } from '@signalbox/contracts/streams';
import { RequestRefused } from '@signalbox/messaging';
import type { AmqpContext } from '@signalbox/nest-service';
import { Database } from '@signalbox/persistence';
import { CLOCK, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import { ControlEdit } from '../control-edit.js';
import { restartOf } from './restart.js';
import { ShutdownSender } from './shutdown-sender.js';

/** Restarts a dataplane, unless that is being done already: then it is that restart. */
@Injectable()
export class RequestRestartCommand {
  constructor(
    private readonly database: Database,
    private readonly sender: ShutdownSender,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Accepted before it is sent: whatever happens to this process, the message goes out. @throws RequestRefused: unknown_dataplane, key_reused */
  async execute(request: RestartRequest, { messageId, deadline }: AmqpContext): Promise<RestartReply> {
    const outcome = await this.database.once<Omit<RestartReply, 'seq'>>(
      { consumer: 'restarts', messageId, stream: streams.dataplane, deadline },
      async (transaction) => {
        const edit = new ControlEdit(transaction.manager);
        const reply = await this.accept(edit, request);
        const { restart, joined } = reply;
        const detail = {
          restart_id: restart.id,
          boot_id: restart.boot_id,
          drain_seconds: request.drain_seconds,
          reason: request.reason,
        };
        await edit.audit({
          at: this.clock.now(),
          action: auditActions.restart,
          resource: request.dataplane,
          ...request.by,
          result: joined ? 'joined' : 'accepted',
          detail,
        });
        edit.publish(transaction);
        return reply;
      },
    );
    const { restart, joined } = outcome.reply;
    // What was answered before was sent before, or is by whoever keeps restarts.
    if (!joined && !outcome.replayed)
      await this.sender
        .send(restart)
        .catch((error: unknown) =>
          this.logger.warn({ err: error, restart: restart.id }, 'a restart was not sent yet; it is tried again'),
        );
    return { ...outcome.reply, seq: outcome.seq ?? null };
  }

  private async accept(edit: ControlEdit, request: RestartRequest): Promise<Omit<RestartReply, 'seq'>> {
    const { dataplane: name, idempotency_key: key, by, drain_seconds, reason } = request;
    await edit.lock(name);
    const dataplane = await edit.dataplane(name);
    if (!dataplane) throw new RequestRefused('unknown_dataplane', `No dataplane ${name} has ever reported.`);
    const scopedKey = key === null ? undefined : `${by.key_id ?? ''} ${key}`;
    const asked = { dataplane: name, drain_seconds, reason };
    const known = scopedKey === undefined ? undefined : await edit.restartByKey(scopedKey);
    if (known) return { restart: sameRestart(known, asked), joined: true };
    const open = (await edit.openRestarts(name)).find((restart) => restart.boot_id === dataplane.boot_id);
    if (open && open.drain_seconds !== drain_seconds)
      throw new RequestRefused(
        'restart_in_progress',
        `The restart ${open.id} of ${name} is in progress and lets what runs go on for ${open.drain_seconds} s.`,
      );
    const requested_at = this.clock.now();
    const expires_at = restartDeadline(requested_at, drain_seconds);
    const restart_id = restartIdOf(randomBytes(12).toString('hex'));
    const restart =
      open ??
      restartOf(
        {
          restart_id,
          dataplane: name,
          boot_id: dataplane.boot_id,
          drain_seconds,
          reason,
          by,
          requested_at,
          expires_at,
        },
        'requested',
      );
    if (!open) await edit.addRestart(restart);
    // Also where another restart is joined: asked again with this key, it is that one.
    if (scopedKey !== undefined) await edit.rememberKey(scopedKey, restart, asked);
    return { restart, joined: open !== undefined };
  }
}

/** @throws RequestRefused where the key was used for something else */
function sameRestart({ restart, request }: { restart: RestartEntry; request: unknown }, asked: object): RestartEntry {
  if (isDeepStrictEqual(request, asked)) return restart;
  throw new RequestRefused('key_reused', 'This Idempotency-Key was used for another restart.');
}
