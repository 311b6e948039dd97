/** Longest that SIGNALBOX_DRAIN_MS may be: a supervisor that sends SIGTERM waits for no hour. */
export const MAX_DRAIN_MS = 60_000;

/** What may come after the drain, ms: interrupting, the last words to the broker, and closing. */
export const LAST_WORDS_MS = 30_000;
