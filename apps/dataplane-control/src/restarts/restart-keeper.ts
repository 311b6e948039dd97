import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { RestartEntry } from '@signalbox/contracts/streams';
import { Amqp } from '@signalbox/messaging';
import { Database } from '@signalbox/persistence';
import { CLOCK, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import { ControlEdit } from '../control-edit.js';
import { FollowRestarts } from './follow-restarts.js';
import { ShutdownSender } from './shutdown-sender.js';

const LOOK_EVERY_MS = 1_000;
/** How long whoever accepted a restart has to send it, before it is sent for them. */
const UNSENT_AFTER_MS = 3_000;
/** After the database, the broker or this process was away: how long what happened meanwhile may take to be written down. */
const HEARD_WITHIN_MS = 20_000;

/** Sends what was accepted and not sent, and gives up what takes too long: also what another process has left behind. */
@Injectable()
export class RestartKeeper implements OnApplicationBootstrap, OnModuleDestroy {
  private cancel: (() => void) | undefined;
  private isStopped = false;
  /** Since when, on the monotonic clock, the broker was there and the database has answered each time. */
  private wellSince: number | undefined;

  constructor(
    private readonly database: Database,
    private readonly amqp: Amqp,
    private readonly sender: ShutdownSender,
    private readonly restarts: FollowRestarts,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.plan();
  }

  onModuleDestroy(): void {
    this.isStopped = true;
    this.cancel?.();
  }

  private plan(): void {
    if (!this.isStopped)
      this.cancel = this.clock.schedule(LOOK_EVERY_MS, () => void this.look().finally(() => this.plan()), {
        background: true,
      });
  }

  private async look(): Promise<void> {
    try {
      const open = await new ControlEdit(this.database.dataSource.manager).openRestarts(null);
      this.wellSince = this.amqp.status().up ? (this.wellSince ?? this.clock.monotonic()) : undefined;
      for (const restart of open) await this.keep(restart);
    } catch (error) {
      this.wellSince = undefined;
      this.logger.debug({ err: error }, 'restarts could not be looked after just now');
    }
  }

  private async keep(restart: RestartEntry): Promise<void> {
    const now = this.clock.now();
    const hasHeardAll = this.wellSince !== undefined && this.clock.monotonic() - this.wellSince > HEARD_WITHIN_MS;
    if (now > restart.deadline && hasHeardAll) await this.restarts.giveUp(restart);
    else if (
      restart.state === 'requested' &&
      now <= restart.deadline &&
      now > (restart.timeline[0]?.at ?? 0) + UNSENT_AFTER_MS
    ) {
      await this.sender
        .send(restart)
        .catch((error: unknown) =>
          this.logger.warn({ err: error, restart: restart.id }, 'a restart was not sent yet; it is tried again'),
        );
    }
  }
}
