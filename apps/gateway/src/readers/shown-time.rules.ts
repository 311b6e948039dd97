/** A time, Unix ms, in the precision in which `GET /status` shows it: Unix seconds. */
export const shownTime = (ms: number): number => Math.floor(ms / 1_000);
