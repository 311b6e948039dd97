import type { OperationEvent, RunCommand } from '@signalbox/contracts/messages';
import type { OperationEntry } from '@signalbox/contracts/streams';

/** States after which an operation does not change any more. */
export const OPERATION_ENDS: ReadonlySet<string> = new Set<OperationEntry['state']>(['finished', 'failed']);

/** Latest steps of an operation that are kept. */
const MAX_STEPS = 50;

/** The operation of a command that was sent. */
export function operationOf(command: RunCommand): OperationEntry {
  return {
    id: command.operation_id,
    ...factsOf(command),
    state: 'queued',
    result: null,
    error: null,
    timeline: [{ state: 'queued', at: command.requested_at }],
  };
}

/** An operation that only its agent's events named until now, with what its command says. */
export const withCommand = (operation: OperationEntry, command: RunCommand): OperationEntry => ({
  ...operation,
  ...factsOf(command),
});

/** The operation after an event of its agent; one that has ended stays as it is. Undefined where nothing changes. */
export function withEvent(
  operation: OperationEntry,
  { step, at, result, error }: OperationEvent,
  now: number,
): OperationEntry | undefined {
  if (OPERATION_ENDS.has(operation.state)) return undefined;
  const state = step === 'started' ? 'running' : step;
  const last = operation.timeline.at(-1);
  const shown = Math.max(Math.min(at, now), last?.at ?? 0);
  if (last?.state === state && last.at === shown) return undefined;
  return {
    ...operation,
    state,
    result: result ?? null,
    error: error ?? null,
    timeline: [...operation.timeline, { state, at: shown }].slice(-MAX_STEPS),
  };
}

/** What only the command says. */
const factsOf = ({ dataplane, request, by }: RunCommand) => ({ dataplane, request, requested_by: by });
