// @ts-check
/**
 * @typedef {import('./journal.mjs').JournalLine} JournalLine
 * @typedef {import('./journal.mjs').Kind} Kind
 * @typedef {{ kind: Kind, id: string, times: number }} Effect  how often something was done
 * @typedef {{ id: string | undefined, reason: string | undefined, times: number }} Parked
 * @typedef {{ fault: string, acknowledged: number, done: number, parked: number, parkedAgain: number, lost: number, duplicated: number, unexpected: string[] }} Balance
 */

/**
 * Compares what was acknowledged with what was done. Lost: acknowledged, not done and not parked. Duplicated: done more than
 * once. Unexpected: done without being meant, refused and done all the same, answered differently the second time, parked
 * without a reason or without being bad. Parked again: a second copy of what was parked, made when the line went between the
 * confirm of the first and the acknowledgement; both have the same id, so whichever is replayed acts once.
 * @param {{ journal: JournalLine[], effects: Effect[], parked: Parked[] }} books
 * @returns {Map<string, Balance>} by fault
 */
export function balance({ journal, effects, parked }) {
  /** @type {Map<string, Balance>} */
  const balances = new Map();
  const of = (/** @type {string} */ fault) => {
    const found = balances.get(fault) ?? {
      fault,
      acknowledged: 0,
      done: 0,
      parked: 0,
      parkedAgain: 0,
      lost: 0,
      duplicated: 0,
      unexpected: [],
    };
    balances.set(fault, found);
    return found;
  };
  const done = new Map(effects.map((effect) => [effect.id, effect]));
  const setAside = new Map(parked.flatMap((each) => (each.id === undefined ? [] : [[each.id, each]])));
  const meant = new Map(journal.filter(({ what }) => what === 'meant').map((line) => [line.id, line]));
  const acknowledged = new Map(journal.filter(({ what }) => what === 'acknowledged').map((line) => [line.id, line]));

  for (const { id, fault, kind } of acknowledged.values()) {
    const sum = of(fault);
    sum.acknowledged += 1;
    const times = done.get(id)?.times ?? 0;
    const aside = setAside.get(id);
    if (kind === 'poison' ? aside === undefined : times === 0 && aside === undefined) {
      sum.lost += 1;
      sum.unexpected.push(`${kind} ${id} was acknowledged and is nowhere`);
    }
  }
  for (const { id, kind, times } of effects) {
    const line = meant.get(id);
    const sum = of(line?.fault ?? 'no fault');
    sum.done += 1;
    if (line === undefined) sum.unexpected.push(`${kind} ${id} was done and never meant`);
    if (times > 1) {
      sum.duplicated += 1;
      sum.unexpected.push(`${kind} ${id} was done ${times} times`);
    }
  }
  for (const { id, reason, times } of parked) {
    const line = id === undefined ? undefined : meant.get(id);
    const sum = of(line?.fault ?? 'no fault');
    sum.parked += 1;
    if (line?.kind !== 'poison')
      sum.unexpected.push(`${line?.kind ?? 'something'} ${id ?? 'without an id'} was parked: ${reason ?? 'no reason'}`);
    else if (reason === undefined) sum.unexpected.push(`${id} was parked without a reason`);
    sum.parkedAgain += times - 1;
  }
  for (const { what, id, kind, fault, detail } of journal) {
    if (what === 'wrong') of(fault).unexpected.push(`${kind} ${id}: ${detail}`);
    if (what === 'refused' && done.has(id) && !acknowledged.has(id))
      of(fault).unexpected.push(`${kind} ${id} was refused and done: ${detail}`);
  }
  return balances;
}
