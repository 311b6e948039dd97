const mostEvents = 100;

/** @param {unknown} cursor @returns {boolean} whether it is one that we gave, or none */
export const isCursor = (cursor) => cursor === undefined || (typeof cursor === 'string' && /^\d{1,18}$/.test(cursor));

/**
 * The next page of the outbox. Each page that is not empty has a `nextCursor`: an empty one is the end for now.
 * @param {import('pg').Pool} pool
 * @param {{ cursor?: string, limit?: unknown }} request `cursor`: the `nextCursor` of the page before
 */
export async function eventsAfter(pool, { cursor = '0', limit }) {
  const most = Number.isInteger(limit) && limit > 0 ? Math.min(limit, mostEvents) : mostEvents;
  const { rows } = await pool.query('SELECT * FROM events.outbox WHERE position > $1 ORDER BY position LIMIT $2', [
    cursor,
    most,
  ]);
  const events = rows.map(({ id, model, entity_id, type, data, occurred_at }) => ({
    id,
    model,
    entityId: entity_id,
    type,
    data,
    occurredAt: occurred_at.getTime(),
  }));
  return rows.length === 0 ? { events } : { events, nextCursor: rows.at(-1).position };
}
