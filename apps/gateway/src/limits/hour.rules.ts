/** Seconds of the window that a quota counts in. */
export const WINDOW_SECONDS = 3_600;

const WINDOW_MS = WINDOW_SECONDS * 1_000;

/** The begin of the full UTC hour that contains the time; both in Unix ms. */
export const windowOf = (nowMs: number): number => nowMs - (nowMs % WINDOW_MS);

/** The begin of the next window, in Unix ms. */
export const endOf = (windowStart: number): number => windowStart + WINDOW_MS;
