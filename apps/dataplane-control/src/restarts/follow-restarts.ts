import { Inject, Injectable } from '@nestjs/common';
import type { DataplaneEvent, RestartEntry, ShutdownCommand } from '@signalbox/contracts';
import { Database } from '@signalbox/persistence';
import { CLOCK, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import { ControlEdit, editControl } from '../control-edit.js';
import { restartOf, withLife, withStep } from './restart.js';

/** Follows restarts to their end, by what is heard of them. */
@Injectable()
export class FollowRestarts {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** The copy of a shutdown message: it stands in the queue of its dataplane, too. */
  async onSent(command: ShutdownCommand): Promise<void> {
    await editControl(this.database, async (edit) => {
      await edit.lock(command.dataplane);
      const known = await edit.restart(command.restart_id);
      if (known) return this.put(edit, withStep(known, 'sent', this.clock.now()));
      await edit.addRestart(restartOf(command, 'sent'));
      await edit.audit(auditOf(command));
    });
  }

  /** @throws Error where the restart is not known yet: it is on its way, and the event is to be told again */
  async onEvent({ restart_id: id, dataplane, boot_id, step, at }: Extract<DataplaneEvent, { kind: 'restart' }>): Promise<void> {
    await editControl(this.database, async (edit) => {
      await edit.lock(dataplane);
      const known = await edit.restart(id);
      if (!known) throw new Error(`the restart ${id} is not known yet`);
      // Only the life that is meant can obey, and only another one or a late one tells that it does not.
      if (step !== 'expired' && boot_id !== known.boot_id) return;
      const next = withStep(known, step, Math.min(at, this.clock.now()));
      await this.put(edit, next);
      const present = await edit.dataplane(dataplane);
      // The new life may have been heard before what the old one had to say.
      if (next && present) await this.put(edit, withLife(next, { boot_id: present.boot_id, isHealthy: false }, this.clock.now()));
    });
  }

  /** A dataplane was heard. */
  async onLife(dataplane: string, life: { boot_id: string; isHealthy: boolean }): Promise<void> {
    const open = await new ControlEdit(this.database.dataSource.manager).openRestarts(dataplane);
    if (!open.some((restart) => withLife(restart, life, 0))) return;
    await editControl(this.database, async (edit) => {
      await edit.lock(dataplane);
      for (const restart of await edit.openRestarts(dataplane)) await this.put(edit, withLife(restart, life, this.clock.now()));
    });
  }

  /** It took too long, as far as anybody has heard. */
  async giveUp({ id, dataplane }: RestartEntry): Promise<void> {
    await editControl(this.database, async (edit) => {
      await edit.lock(dataplane);
      const present = await edit.restart(id);
      await this.put(edit, present && withStep(present, 'timed_out', this.clock.now()));
    });
  }

  private async put(edit: ControlEdit, restart: RestartEntry | undefined): Promise<void> {
    if (!restart) return;
    await edit.putRestart(restart);
    this.logger.info({ restart: restart.id, dataplane: restart.dataplane, state: restart.state }, 'a restart went on');
  }
}

const auditOf = ({ dataplane, requested_at: at, by, restart_id, boot_id, drain_seconds, reason }: ShutdownCommand) => ({
  at,
  action: 'restart-dataplane',
  resource: dataplane,
  ...by,
  result: 'sent',
  detail: { restart_id, boot_id, drain_seconds, reason },
});
