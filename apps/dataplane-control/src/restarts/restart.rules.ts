import { restartDeadline, type RestartEvent, type ShutdownCommand } from '@signalbox/contracts/messages';
import { isSameIncarnation } from '@signalbox/platform';
import { RESTART_ENDS, type RestartEntry, type RestartState } from '@signalbox/contracts/streams';

/** The steps of a restart in order; the ends that are not among them can follow any of them but the last. */
const STEPS: readonly RestartState[] = ['requested', 'sent', 'acknowledged', 'draining', 'down', 'up', 'healthy'];

/** In these states the agent executes the restart: the next incarnation of its dataplane is its success. */
const EXECUTED: ReadonlySet<RestartState> = new Set(['acknowledged', 'draining', 'down', 'up']);

/** The present incarnation of a dataplane. */
export interface PresentIncarnation {
  readonly boot_id: string;
  readonly isHealthy: boolean;
}

/** The restart of a command that was accepted, or sent. */
export function restartOf(command: ShutdownCommand, state: 'requested' | 'sent'): RestartEntry {
  return {
    id: command.restart_id,
    ...factsOf(command),
    new_boot_id: null,
    state,
    timeline: [{ state, at: command.requested_at }],
  };
}

/** The restart of a command that only an event names. An agent may have made it up: it ends no later than one that is requested now. */
export const restartOfEvent = (command: ShutdownCommand, now: number): RestartEntry =>
  restartOf(
    {
      ...command,
      requested_at: Math.min(command.requested_at, now),
      expires_at: Math.min(command.expires_at, restartDeadline(now, command.drain_seconds)),
    },
    'sent',
  );

/** The command of a restart. */
export function commandOf(restart: RestartEntry): ShutdownCommand {
  const { id, dataplane, boot_id, drain_seconds, reason, requested_by, deadline, timeline } = restart;
  return {
    restart_id: id,
    dataplane,
    boot_id,
    drain_seconds,
    requested_at: timeline[0]?.at ?? 0,
    expires_at: deadline,
    reason,
    by: requested_by,
  };
}

/**
 * A restart that only events named until now, with what its command says. Where they were those of an agent of another dataplane, which
 * made the id up, nothing of them is left.
 */
export const withCommand = (restart: RestartEntry, command: ShutdownCommand): RestartEntry =>
  restart.dataplane === command.dataplane ? { ...restart, ...factsOf(command) } : restartOf(command, 'sent');

/** The restart after an event of its agent. Undefined where nothing changes. */
export function withEvent(
  restart: RestartEntry,
  { boot_id, step, at }: RestartEvent,
  now: number,
): RestartEntry | undefined {
  // Only the incarnation that is meant executes it.
  const isMeant = isSameIncarnation(boot_id, restart.boot_id);
  if (step !== 'expired' && !isMeant) return undefined;
  const receivedAt = Math.min(at, now);
  const next = withStep(restart, step, receivedAt);
  return next ?? (step === 'expired' && isMeant ? withRefusal(restart, receivedAt) : undefined);
}

/**
 * The restart after a step. A step that comes twice or late changes nothing but the timeline, and that only where it is missing there:
 * what dataplane-control observes may overtake the events of the agent. Undefined where nothing changes.
 * @param at Unix ms by the clock of the observer; shown not before the step before it and not after the step after it
 */
export function withStep(known: RestartEntry, state: RestartState, at: number): RestartEntry | undefined {
  // A redelivery of the command to the next incarnation says nothing about the one that executes it.
  if (state === 'expired' && isExecuted(known)) return undefined;
  const restart = known.state === 'expired' && EXECUTED.has(state) ? withoutExpiry(known) : known;
  if (restart.timeline.some((step) => step.state === state) || isSecondEnd(restart, state)) return undefined;
  const isAhead = placeOf(state) > placeOf(restart.state) || (RESTART_ENDS.has(state) && !isOver(restart));
  if (isOver(restart) && isAhead) return undefined;
  const before = restart.timeline.filter((step) => placeOf(step.state) < placeOf(state));
  const after = restart.timeline.filter((step) => placeOf(step.state) >= placeOf(state));
  const earliest = before.at(-1)?.at ?? at;
  const latest = after[0]?.at ?? Infinity;
  return {
    ...restart,
    ...(isAhead && { state }),
    timeline: [...before, { state, at: Math.min(Math.max(at, earliest), latest) }, ...after],
  };
}

/** The restart after the incarnation that acknowledged it found it expired. Undefined where that has gone on to drain. */
export function withRefusal(known: RestartEntry, at: number): RestartEntry | undefined {
  if (known.state !== 'acknowledged') return undefined;
  const earliest = known.timeline.at(-1)?.at ?? at;
  return {
    ...known,
    state: 'expired',
    timeline: [...known.timeline, { state: 'expired', at: Math.max(at, earliest) }],
  };
}

/** The restart after a report of the present incarnation: another one than was to end, after it was executed, is its success. */
export function withIncarnation(
  restart: RestartEntry,
  { boot_id, isHealthy }: PresentIncarnation,
  at: number,
): RestartEntry | undefined {
  if (isSameIncarnation(boot_id, restart.boot_id) || !EXECUTED.has(restart.state)) return undefined;
  const up = restart.state === 'up' ? restart : withStep({ ...restart, new_boot_id: boot_id }, 'up', at);
  const healthy = isHealthy ? withStep(up ?? restart, 'healthy', at) : undefined;
  return healthy ?? (up === restart ? undefined : up);
}

export const isOver = ({ state }: Pick<RestartEntry, 'state'>): boolean => RESTART_ENDS.has(state);

/** What only the command says. */
const factsOf = ({ dataplane, boot_id, reason, drain_seconds, by, expires_at }: ShutdownCommand) => ({
  dataplane,
  boot_id,
  reason,
  drain_seconds,
  requested_by: by,
  deadline: expires_at,
});

const isExecuted = ({ timeline }: RestartEntry): boolean => timeline.some(({ state }) => EXECUTED.has(state));

function withoutExpiry({ timeline, ...restart }: RestartEntry): RestartEntry {
  const steps = timeline.filter(({ state }) => state !== 'expired');
  return { ...restart, state: steps.at(-1)?.state ?? 'sent', timeline: steps };
}

const isSecondEnd = (restart: RestartEntry, state: RestartState): boolean => isOver(restart) && RESTART_ENDS.has(state);

/** Ends that are not among the steps come after everything. */
function placeOf(state: RestartState): number {
  const place = STEPS.indexOf(state);
  return place === -1 ? STEPS.length : place;
}
