import { Inject, Injectable } from '@nestjs/common';
import type { DataplaneEvent, OperationEntry, RunCommand } from '@signalbox/contracts';
import { Database } from '@signalbox/persistence';
import { CLOCK, type Clock } from '@signalbox/platform';
import { editControl } from '../control-edit.js';

/** Follows operations by what their dataplane says of them. */
@Injectable()
export class FollowOperations {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The copy of a command: it stands in the queue of its dataplane, too. */
  async onQueued({ operation_id: id, dataplane, request, requested_at, by }: RunCommand): Promise<void> {
    await editControl(this.database, async (edit) => {
      await edit.lock(dataplane);
      if (await edit.operation(id)) return;
      await edit.addOperation({ id, dataplane, request, state: 'queued', requested_by: by, result: null, error: null, timeline: [{ state: 'queued', at: requested_at }] });
      await edit.audit({ at: requested_at, action: 'run-operation', resource: dataplane, ...by, result: 'queued', detail: { operation_id: id, ...request } });
    });
  }

  /** @throws Error where the operation is not known yet: it is on its way, and the event is to be told again */
  async onEvent(event: Extract<DataplaneEvent, { kind: 'operation' }>): Promise<void> {
    await editControl(this.database, async (edit) => {
      await edit.lock(event.dataplane);
      const known = await edit.operation(event.operation_id);
      if (!known) throw new Error(`the operation ${event.operation_id} is not known yet`);
      const next = withEvent(known, event, this.clock.now());
      if (next) await edit.putOperation(next);
    });
  }
}

/** What has ended stays so: a dataplane that did it twice says it twice. */
function withEvent(operation: OperationEntry, { step, at, result, error }: Extract<DataplaneEvent, { kind: 'operation' }>, now: number): OperationEntry | undefined {
  if (operation.state === 'finished' || operation.state === 'failed') return undefined;
  const state = step === 'started' ? 'running' : step;
  const last = operation.timeline.at(-1);
  const shown = Math.max(Math.min(at, now), last?.at ?? 0);
  if (last?.state === state && last.at === shown) return undefined;
  return { ...operation, state, result: result ?? null, error: error ?? null, timeline: [...operation.timeline, { state, at: shown }].slice(-50) };
}
