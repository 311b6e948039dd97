import type { Transition } from '../../liveness/transition.js';

/**
 * The statement that inserts transitions, with the parameters partition, epoch and {@link transitionColumns}. A transition that was written
 * before, by a statement whose outcome was not known, is the same row.
 * @param first number of the parameter of the first column
 */
export const insertTransitions = (first: number): string => `
  INSERT INTO reader_transition (
    partition, epoch, number, reader_id, at, from_state, to_state, why, boot_id, silent_ms
  )
  SELECT $1, $2, step.* FROM unnest(${COLUMNS.map(([type], at) => `$${first + at}::${type}[]`).join(', ')}) AS step
  WHERE EXISTS (SELECT FROM partition WHERE partition.partition = $1 AND partition.epoch = $2)
  ON CONFLICT DO NOTHING`;

const COLUMNS: readonly (readonly [type: string, of: (transition: Transition) => unknown])[] = [
  ['bigint', ({ number }) => number],
  ['text', ({ readerId }) => readerId],
  ['timestamptz', ({ at }) => new Date(at)],
  ['text', ({ from }) => from],
  ['text', ({ to }) => to],
  ['text', ({ why }) => why],
  ['text', ({ bootId }) => bootId],
  ['bigint', ({ silentMs }) => silentMs],
];

export const transitionColumns = (transitions: readonly Transition[]): unknown[][] =>
  COLUMNS.map(([, of]) => transitions.map(of));
