import type { EntityManager } from 'typeorm';
import type { Transition } from '../../liveness/transition.js';

/** Who writes: only the present owner of the partition can. */
export interface Owner {
  readonly partition: number;
  readonly epoch: number;
}

/** Of one statement. */
const MOST_ROWS = 2_000;

/** A transition that was written before, by a transaction whose outcome was not known, is the same row. */
const INSERT = `
  INSERT INTO reader_transition (
    partition, epoch, number, reader_id, at, from_state, to_state, why, boot_id, silent_ms
  )
  SELECT $1, $2, step.* FROM unnest(
    $3::bigint[], $4::text[], $5::timestamptz[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bigint[]
  ) AS step
  WHERE EXISTS (SELECT FROM partition WHERE partition.partition = $1 AND partition.epoch = $2)
  ON CONFLICT DO NOTHING`;

/** In several statements where they are many. */
export async function insertTransitions(
  manager: EntityManager,
  { partition, epoch }: Owner,
  transitions: readonly Transition[],
): Promise<void> {
  for (let from = 0; from < transitions.length; from += MOST_ROWS) {
    const some = transitions.slice(from, from + MOST_ROWS);
    await manager.query(INSERT, [
      partition,
      epoch,
      some.map(({ number }) => number),
      some.map(({ readerId }) => readerId),
      some.map(({ at }) => new Date(at)),
      some.map((each) => each.from),
      some.map(({ to }) => to),
      some.map(({ why }) => why),
      some.map(({ bootId }) => bootId),
      some.map(({ silentMs }) => silentMs),
    ]);
  }
}
