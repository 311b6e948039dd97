/** Connections of a service to its database. */
export const DATABASE_POOL_SIZE = 10;

/**
 * Messages of one queue that handlers work on at once, unless the service states another number. What the database cannot take at
 * once waits in the queue, where its deadline is checked, and not in this process. Twice the pool: a handler also does work that
 * needs no connection.
 */
export const HANDLERS_AT_ONCE = 2 * DATABASE_POOL_SIZE;
