import { Inject, Injectable } from '@nestjs/common';
import { auditActions, runCommand, type DataplaneEvent, type RunCommand } from '@signalbox/contracts/messages';
import { type OperationEntry } from '@signalbox/contracts/streams';
import { DeadMessage } from '@signalbox/messaging';
import { Database } from '@signalbox/persistence';
import { CLOCK, type Clock } from '@signalbox/platform';
import { editControl, type ControlEdit } from '../control-edit.js';

type OperationEvent = Extract<DataplaneEvent, { kind: 'operation' }>;

/** Follows operations by what their dataplane says of them. */
@Injectable()
export class FollowOperations {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The copy of a command: it stands in the queue of its dataplane, too. */
  async onQueued(command: RunCommand): Promise<void> {
    const { dataplane, request, requested_at, by } = command;
    await editControl(this.database, async (edit) => {
      await edit.lock(dataplane);
      if (await edit.operation(command.operation_id)) return;
      await this.begin(edit, command);
      await edit.audit({
        at: requested_at,
        action: auditActions.run,
        resource: dataplane,
        ...by,
        result: 'queued',
        detail: { operation_id: command.operation_id, ...request },
      });
    });
  }

  /** What a gateway could not know to be sent: where its dataplane has told of it, it was. */
  async onUnknown(edit: ControlEdit, id: string): Promise<void> {
    if (!(await edit.operation(id)) && (await edit.hasEarly(id))) await this.recover(edit, id);
  }

  /** An event of an operation that is not known yet waits for it: one is on its way, or what its gateway knows of it. */
  async onEvent(event: OperationEvent): Promise<void> {
    await editControl(this.database, async (edit) => {
      await edit.lock(event.dataplane);
      const known = (await edit.operation(event.operation_id)) ?? (await this.recover(edit, event.operation_id));
      if (!known) return edit.keepEarly(event);
      if (known.dataplane !== event.dataplane)
        throw new DeadMessage('wrong-dataplane', 'it tells of an operation of another dataplane');
      await this.apply(edit, known, event);
    });
  }

  /** @returns the operation as it is then */
  private async apply(edit: ControlEdit, known: OperationEntry, event: OperationEvent): Promise<OperationEntry> {
    const next = known.dataplane === event.dataplane ? withEvent(known, event, this.clock.now()) : undefined;
    if (next) await edit.putOperation(next);
    return next ?? known;
  }

  private async begin(
    edit: ControlEdit,
    { operation_id: id, dataplane, request, requested_at, by }: RunCommand,
  ): Promise<OperationEntry> {
    let operation: OperationEntry = {
      id,
      dataplane,
      request,
      state: 'queued',
      requested_by: by,
      result: null,
      error: null,
      timeline: [{ state: 'queued', at: requested_at }],
    };
    await edit.addOperation(operation);
    for (const event of await edit.takeEarly('operation', id)) operation = await this.apply(edit, operation, event);
    return operation;
  }

  private async recover(edit: ControlEdit, id: string): Promise<OperationEntry | undefined> {
    const { data: command } = runCommand.safeParse(await edit.unknownCommand(id));
    return command && this.begin(edit, command);
  }
}

/** What has ended stays so: a dataplane that did it twice says it twice. */
function withEvent(
  operation: OperationEntry,
  { step, at, result, error }: OperationEvent,
  now: number,
): OperationEntry | undefined {
  if (operation.state === 'finished' || operation.state === 'failed') return undefined;
  const state = step === 'started' ? 'running' : step;
  const last = operation.timeline.at(-1);
  const shown = Math.max(Math.min(at, now), last?.at ?? 0);
  if (last?.state === state && last.at === shown) return undefined;
  return {
    ...operation,
    state,
    result: result ?? null,
    error: error ?? null,
    timeline: [...operation.timeline, { state, at: shown }].slice(-50),
  };
}
