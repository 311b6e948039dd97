/** Upper bound of SIGNALBOX_DRAIN_MS: a supervisor that sends SIGTERM does not wait for an hour. */
export const MAX_DRAIN_MS = 60_000;

/** How long the stop may take after the drain, ms: interrupting operations, publishing the last report and events, closing. */
export const STOP_AFTER_DRAIN_MS = 30_000;

/** How long taken messages may take to be settled after the drain, and the AMQP connection to close, ms. */
export const SETTLE_MS = 5_000;

/** How long the broker may take to confirm each of the last messages, ms. */
export const LAST_MESSAGE_MS = 3_000;
