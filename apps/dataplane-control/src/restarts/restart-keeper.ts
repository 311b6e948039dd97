import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { RestartEntry } from '@signalbox/contracts/streams';
import { Amqp } from '@signalbox/messaging';
import { Database } from '@signalbox/persistence';
import { CLOCK, every, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import { RestartLog } from './restart-log.js';
import { RestartRepository } from './restart.repository.js';
import { ShutdownSender } from './shutdown-sender.js';

const CHECK_INTERVAL_MS = 1_000;
/** How long the process that accepted a restart has to send its command, before another one does. */
const UNSENT_AFTER_MS = 3_000;
/** After the database, the broker or this process was down: how long it may take to record what happened meanwhile. */
const CATCH_UP_MS = 20_000;

/** Sends the commands of restarts that were accepted and not sent, and times restarts out: also those of a process that has died. */
@Injectable()
export class RestartKeeper implements OnApplicationBootstrap, OnModuleDestroy {
  private cancel: (() => void) | undefined;
  /** Since when, on the monotonic clock, the broker is up and the database has answered every check. */
  private upSince: number | undefined;

  constructor(
    private readonly database: Database,
    private readonly amqp: Amqp,
    private readonly restarts: RestartRepository,
    private readonly sender: ShutdownSender,
    private readonly log: RestartLog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.cancel = every({ clock: this.clock, ms: CHECK_INTERVAL_MS, background: true }, () => this.check());
  }

  onModuleDestroy(): void {
    this.cancel?.();
  }

  private async check(): Promise<void> {
    try {
      const open = await this.restarts.open(this.database.dataSource.manager, null);
      this.upSince = this.amqp.status().up ? (this.upSince ?? this.clock.monotonic()) : undefined;
      for (const restart of open) await this.keep(restart);
    } catch (error) {
      this.upSince = undefined;
      this.logger.debug({ err: error }, 'open restarts not checked');
    }
  }

  private async keep(restart: RestartEntry): Promise<void> {
    const now = this.clock.now();
    if (now <= restart.deadline) {
      const requestedAt = restart.timeline[0]?.at ?? 0;
      if (restart.state === 'requested' && now > requestedAt + UNSENT_AFTER_MS) await this.sender.send(restart);
      return;
    }
    const hasCaughtUp = this.upSince !== undefined && this.clock.monotonic() - this.upSince > CATCH_UP_MS;
    if (hasCaughtUp) await this.log.timedOut(restart);
  }
}
