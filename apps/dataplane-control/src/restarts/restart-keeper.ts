import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { RestartEntry } from '@signalbox/contracts';
import { Database } from '@signalbox/persistence';
import { CLOCK, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import { editControl } from '../control-edit.js';
import { withStep } from './restart.js';
import { ShutdownSender } from './shutdown-sender.js';

const LOOK_EVERY_MS = 1_000;
/** How long whoever accepted a restart has to send it, before it is sent for them. */
const UNSENT_AFTER_MS = 3_000;

/** Sends what was accepted and not sent, and gives up what takes too long: also what another process has left behind. */
@Injectable()
export class RestartKeeper implements OnApplicationBootstrap, OnModuleDestroy {
  private cancel: (() => void) | undefined;
  private isStopped = false;

  constructor(
    private readonly database: Database,
    private readonly sender: ShutdownSender,
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
    if (!this.isStopped) this.cancel = this.clock.schedule(LOOK_EVERY_MS, () => void this.look().finally(() => this.plan()), { background: true });
  }

  private async look(): Promise<void> {
    try {
      const rows = await this.database.dataSource.manager.query<{ entry: RestartEntry }[]>(`SELECT entry FROM restart WHERE state NOT IN ('healthy', 'expired', 'timed_out', 'failed')`);
      const now = this.clock.now();
      for (const { entry } of rows) {
        if (now > entry.deadline) await this.giveUp(entry);
        else if (entry.state === 'requested' && now > (entry.timeline[0]?.at ?? 0) + UNSENT_AFTER_MS) await this.sender.send(entry);
      }
    } catch (error) {
      this.logger.debug({ err: error }, 'restarts could not be looked after just now');
    }
  }

  private async giveUp({ id, dataplane }: RestartEntry): Promise<void> {
    await editControl(this.database, async (edit) => {
      await edit.lock(dataplane);
      const present = await edit.restart(id);
      const ended = present && withStep(present, 'timed_out', this.clock.now());
      if (ended) await edit.putRestart(ended);
    });
    this.logger.warn({ restart: id, dataplane }, 'a restart took too long and is given up');
  }
}
