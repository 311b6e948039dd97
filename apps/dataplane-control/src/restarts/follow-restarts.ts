import { Inject, Injectable } from '@nestjs/common';
import {
  auditActions,
  shutdownCommand,
  type DataplaneEvent,
  type ShutdownCommand,
} from '@signalbox/contracts/messages';
import { type RestartEntry } from '@signalbox/contracts/streams';
import { DeadMessage } from '@signalbox/messaging';
import { Database } from '@signalbox/persistence';
import { CLOCK, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import { ControlEdit, editControl } from '../control-edit.js';
import { restartOf, withLife, withRefusal, withStep } from './restart.js';

type RestartEvent = Extract<DataplaneEvent, { kind: 'restart' }>;

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
      await this.begin(edit, command);
      await edit.audit(auditOf(command));
    });
  }

  /** What a gateway could not know to be sent: where its dataplane has told of it, it was. */
  async onUnknown(edit: ControlEdit, id: string): Promise<void> {
    if (!(await edit.restart(id)) && (await edit.hasEarly(id))) await this.recover(edit, id);
  }

  /** An event of a restart that is not known yet waits for it: one is on its way, or what its gateway knows of it. */
  async onEvent(event: RestartEvent): Promise<void> {
    await editControl(this.database, async (edit) => {
      await edit.lock(event.dataplane);
      const known = (await edit.restart(event.restart_id)) ?? (await this.recover(edit, event.restart_id));
      if (!known) return edit.keepEarly(event);
      if (known.dataplane !== event.dataplane)
        throw new DeadMessage('wrong-dataplane', 'it tells of a restart of another dataplane');
      await this.apply(edit, known, event);
    });
  }

  /** @returns the restart as it is then */
  private async apply(
    edit: ControlEdit,
    known: RestartEntry,
    { dataplane, boot_id, step, at }: RestartEvent,
  ): Promise<RestartEntry> {
    // Only the life that is meant can obey, and only another one or a late one tells that it does not.
    if (known.dataplane !== dataplane || (step !== 'expired' && boot_id !== known.boot_id)) return known;
    const heardAt = Math.min(at, this.clock.now());
    const next =
      withStep(known, step, heardAt) ??
      (step === 'expired' && boot_id === known.boot_id ? withRefusal(known, heardAt) : undefined);
    if (!next) return known;
    await this.put(edit, next);
    const present = await edit.dataplane(dataplane);
    // The new life may have been heard before what the old one had to say.
    const up = present && withLife(next, { boot_id: present.boot_id, isHealthy: false }, this.clock.now());
    await this.put(edit, up);
    return up ?? next;
  }

  private async begin(edit: ControlEdit, command: ShutdownCommand): Promise<RestartEntry> {
    let restart = restartOf(command, 'sent');
    await edit.addRestart(restart);
    for (const event of await edit.takeEarly('restart', command.restart_id))
      restart = await this.apply(edit, restart, event);
    return restart;
  }

  private async recover(edit: ControlEdit, id: string): Promise<RestartEntry | undefined> {
    const { data: command } = shutdownCommand.safeParse(await edit.unknownCommand(id));
    return command && this.begin(edit, command);
  }

  /** A dataplane was heard. */
  async onLife(dataplane: string, life: { boot_id: string; isHealthy: boolean }): Promise<void> {
    const open = await new ControlEdit(this.database.dataSource.manager).openRestarts(dataplane);
    if (!open.some((restart) => withLife(restart, life, 0))) return;
    await editControl(this.database, async (edit) => {
      await edit.lock(dataplane);
      for (const restart of await edit.openRestarts(dataplane))
        await this.put(edit, withLife(restart, life, this.clock.now()));
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
  action: auditActions.restart,
  resource: dataplane,
  ...by,
  result: 'sent',
  detail: { restart_id, boot_id, drain_seconds, reason },
});
