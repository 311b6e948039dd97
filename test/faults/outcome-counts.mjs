// @ts-check
/**
 * @typedef {import('./journal.mjs').JournalLine} JournalLine
 * @typedef {import('./journal.mjs').Kind} Kind
 * @typedef {{ kind: Kind, id: string, times: number }} Effect  how many times the database has a write
 * @typedef {{ id: string | undefined, reason: string | undefined, times: number }} DeadLetter
 * @typedef {object} OutcomeCounts
 * @property {string} fault
 * @property {number} acknowledged
 * @property {number} done
 * @property {number} deadLetters
 * @property {number} secondCopies
 * @property {number} lost
 * @property {number} duplicated
 * @property {string[]} unexpected
 */

/**
 * Compares the writes that were acknowledged with the effects in the database and with the dead letters. Lost: acknowledged,
 * not done and not dead-lettered. Duplicated: done more than once. Unexpected: done without a request, refused but done,
 * another reply to the same request, dead-lettered without a reason or without cause. Second copies: dead letters that were
 * made again because the connection was lost between the confirm of the first copy and the acknowledgement. Both copies have
 * the same id, so only one of them acts when replayed.
 * @param {{ journal: JournalLine[], effects: Effect[], deadLetters: DeadLetter[] }} records
 * @returns {Map<string, OutcomeCounts>} by fault
 */
export function countOutcomes({ journal, effects, deadLetters }) {
  /** @type {Map<string, OutcomeCounts>} */
  const outcomes = new Map();
  const of = (/** @type {string} */ fault) => {
    const found = outcomes.get(fault) ?? {
      fault,
      acknowledged: 0,
      done: 0,
      deadLetters: 0,
      secondCopies: 0,
      lost: 0,
      duplicated: 0,
      unexpected: [],
    };
    outcomes.set(fault, found);
    return found;
  };
  const done = new Map(effects.map((effect) => [effect.id, effect]));
  const deadLettered = new Set(deadLetters.flatMap(({ id }) => (id === undefined ? [] : [id])));
  const requested = new Map(journal.filter(({ what }) => what === 'requested').map((line) => [line.id, line]));
  const acknowledged = new Map(journal.filter(({ what }) => what === 'acknowledged').map((line) => [line.id, line]));

  for (const { id, fault, kind } of acknowledged.values()) {
    const counts = of(fault);
    counts.acknowledged += 1;
    const times = done.get(id)?.times ?? 0;
    const isDeadLetter = deadLettered.has(id);
    if (kind === 'poison' ? !isDeadLetter : times === 0 && !isDeadLetter) {
      counts.lost += 1;
      counts.unexpected.push(`${kind} ${id} was acknowledged and is not found`);
    }
  }
  for (const { id, kind, times } of effects) {
    const line = requested.get(id);
    const counts = of(line?.fault ?? 'no fault');
    counts.done += 1;
    if (line === undefined) counts.unexpected.push(`${kind} ${id} was done without a request`);
    if (times > 1) {
      counts.duplicated += 1;
      counts.unexpected.push(`${kind} ${id} was done ${times} times`);
    }
  }
  for (const { id, reason, times } of deadLetters) {
    const line = id === undefined ? undefined : requested.get(id);
    const counts = of(line?.fault ?? 'no fault');
    counts.deadLetters += 1;
    if (line?.kind !== 'poison')
      counts.unexpected.push(
        `${line?.kind ?? 'a message'} ${id ?? 'without an id'} was dead-lettered: ${reason ?? 'no reason'}`,
      );
    else if (reason === undefined) counts.unexpected.push(`${id} was dead-lettered without a reason`);
    counts.secondCopies += times - 1;
  }
  for (const { what, id, kind, fault, detail } of journal) {
    if (what === 'wrong') of(fault).unexpected.push(`${kind} ${id}: ${detail}`);
    if (what === 'refused' && done.has(id) && !acknowledged.has(id))
      of(fault).unexpected.push(`${kind} ${id} was refused and done: ${detail}`);
  }
  return outcomes;
}
