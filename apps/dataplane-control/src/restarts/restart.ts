import { type ShutdownCommand } from '@signalbox/contracts/messages';
import { RESTART_ENDS, type RestartEntry, type RestartState } from '@signalbox/contracts/streams';

/** The way a restart goes; the states that end it early can come after any of them but the last. */
const WAY: readonly RestartState[] = ['requested', 'sent', 'acknowledged', 'draining', 'down', 'up', 'healthy'];

/** From these on, another life of the dataplane is what came of the restart. */
const OBEYED: ReadonlySet<RestartState> = new Set(['acknowledged', 'draining', 'down', 'up']);

export const isOver = ({ state }: Pick<RestartEntry, 'state'>): boolean => RESTART_ENDS.has(state);

/** A restart that somebody asked for. */
export function restartOf(command: ShutdownCommand, state: 'requested' | 'sent'): RestartEntry {
  const {
    restart_id: id,
    dataplane,
    boot_id,
    reason,
    drain_seconds,
    by,
    requested_at: at,
    expires_at: deadline,
  } = command;
  return {
    id,
    dataplane,
    boot_id,
    new_boot_id: null,
    state,
    reason,
    drain_seconds,
    requested_by: by,
    deadline,
    timeline: [{ state, at }],
  };
}

/** What an agent is told for a restart. */
export function commandOf({
  id,
  dataplane,
  boot_id,
  drain_seconds,
  reason,
  requested_by,
  deadline,
  timeline,
}: RestartEntry): ShutdownCommand {
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
 * A restart to which something happened. What comes twice or late changes nothing but, where it was not known yet, the timeline:
 * messages of an agent may be overtaken by what can be seen of it. Undefined where nothing changes.
 * @param at Unix ms by whoever saw it; shown within what is known of the steps before it
 */
export function withStep(known: RestartEntry, state: RestartState, at: number): RestartEntry | undefined {
  // A copy of the message that went on to the next life says nothing of the one that was obeyed.
  if (state === 'expired' && wasObeyed(known)) return undefined;
  const restart = known.state === 'expired' && OBEYED.has(state) ? withoutExpiry(known) : known;
  if (restart.timeline.some((step) => step.state === state) || isEnd(restart, state)) return undefined;
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

/** The life that was meant has acknowledged it, and then found that nobody wanted it any more. Undefined where it went on. */
export function withRefusal(known: RestartEntry, at: number): RestartEntry | undefined {
  return known.state === 'acknowledged'
    ? {
        ...known,
        state: 'expired',
        timeline: [...known.timeline, { state: 'expired', at: Math.max(at, known.timeline.at(-1)?.at ?? at) }],
      }
    : undefined;
}

/**
 * What the life that is heard of now means for a restart: another one than it was to end, after it was obeyed, is its success.
 * @param life the present one, and whether it is healthy
 */
export function withLife(
  restart: RestartEntry,
  { boot_id, isHealthy }: { boot_id: string; isHealthy: boolean },
  at: number,
): RestartEntry | undefined {
  if (boot_id === restart.boot_id || !OBEYED.has(restart.state)) return undefined;
  const up = restart.state === 'up' ? restart : withStep({ ...restart, new_boot_id: boot_id }, 'up', at);
  const healthy = isHealthy ? withStep(up ?? restart, 'healthy', at) : undefined;
  return healthy ?? (up === restart ? undefined : up);
}

const wasObeyed = ({ timeline }: RestartEntry): boolean => timeline.some(({ state }) => OBEYED.has(state));

function withoutExpiry({ timeline, ...restart }: RestartEntry): RestartEntry {
  const steps = timeline.filter(({ state }) => state !== 'expired');
  return { ...restart, state: steps.at(-1)?.state ?? 'sent', timeline: steps };
}

/** A step that would end it, of one that has ended. */
const isEnd = (restart: RestartEntry, state: RestartState): boolean => isOver(restart) && RESTART_ENDS.has(state);

/** Ends that are not on the way come after everything. */
function placeOf(state: RestartState): number {
  const place = WAY.indexOf(state);
  return place === -1 ? WAY.length : place;
}
