import type { OperationEvent, RunCommand } from '@signalbox/contracts/messages';
import type { OperationEntry } from '@signalbox/contracts/streams';

/** States after which an operation does not change any more, but for one: see {@link withEvent}. */
export const OPERATION_ENDS: ReadonlySet<string> = new Set<OperationEntry['state']>([
  'finished',
  'failed',
  'cancelled',
]);

/** The step of an operation that is to be cancelled and still runs: its agent says when it has ended. */
const CANCELLING = 'cancelling';

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

/**
 * An operation that only events named until now, with what its command says. Where they were those of an agent of another dataplane, which
 * made the id up, nothing of them is left.
 */
export const withCommand = (operation: OperationEntry, command: RunCommand): OperationEntry =>
  operation.dataplane === command.dataplane ? { ...operation, ...factsOf(command) } : operationOf(command);

/**
 * The operation after an event of its agent; one that has ended stays as it is, unless it was cancelled and its agent had run it to its end
 * before it received that: what was done is not hidden. Undefined where nothing changes.
 */
export function withEvent(
  operation: OperationEntry,
  { step, at, result, error }: OperationEvent,
  now: number,
): OperationEntry | undefined {
  if (OPERATION_ENDS.has(operation.state) && !wasRunAllTheSame(operation, step)) return undefined;
  const state = stateAfter(operation, step);
  const timeline = withStep(operation, state, Math.min(at, now));
  const [before, last] = [operation.timeline.at(-1), timeline.at(-1)!];
  if (before?.state === last.state && before?.at === last.at) return undefined;
  return {
    ...operation,
    state,
    result: result ?? null,
    error: error ?? null,
    timeline,
  };
}

/** The operation after it was asked to be cancelled. Undefined where that was done before, or it has ended. */
export function withCancellation(operation: OperationEntry, now: number): OperationEntry | undefined {
  if (OPERATION_ENDS.has(operation.state) || isToBeCancelled(operation)) return undefined;
  const runs = operation.state === 'running';
  return {
    ...operation,
    ...(!runs && { state: 'cancelled' as const }),
    timeline: withStep(operation, runs ? CANCELLING : 'cancelled', now),
  };
}

/** What is said of an operation that ended because its dataplane was removed. */
const REMOVED = 'Its dataplane was removed.';

/**
 * The operation, which has not ended, after its dataplane was removed. Should an agent run it all the same, its result is shown as of any
 * that was cancelled.
 */
export const withRemoval = (operation: OperationEntry, now: number): OperationEntry => ({
  ...operation,
  state: 'cancelled',
  error: REMOVED,
  timeline: withStep(operation, 'cancelled', now),
});

/** Its steps and one more, which is not shown before the one before it. The oldest are left out. */
const withStep = ({ timeline }: OperationEntry, state: string, at: number): OperationEntry['timeline'] =>
  [...timeline, { state, at: Math.max(at, timeline.at(-1)?.at ?? 0) }].slice(-MAX_STEPS);

/** Whether an agent that starts the operation has to receive the command to cancel it. */
export const isToBeCancelled = ({ state, timeline }: OperationEntry): boolean =>
  state === 'cancelled' || timeline.some((step) => step.state === CANCELLING);

const wasRunAllTheSame = ({ state }: OperationEntry, step: OperationEvent['step']): boolean =>
  state === 'cancelled' && (step === 'finished' || step === 'failed');

function stateAfter(operation: OperationEntry, step: OperationEvent['step']): OperationEntry['state'] {
  if (step === 'started') return 'running';
  // It is in the queue again, where no agent has to end it any more.
  return step === 'interrupted' && isToBeCancelled(operation) ? 'cancelled' : step;
}

/** What only the command says. */
const factsOf = ({ dataplane, request, by }: RunCommand) => ({ dataplane, request, requested_by: by });
