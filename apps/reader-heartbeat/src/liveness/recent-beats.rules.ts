/** How many heartbeats of a reader are kept: enough for a median that one late message does not move. */
const KEPT = 5;

/**
 * When the last heartbeats of an incarnation were received, and sent by the sender's clock: Unix ms, for display only. One array of numbers that is
 * written in place, because this happens with each heartbeat: where the next one is written, then two for each. NaN: the heartbeat does not say.
 */
export type RecentBeats = number[];

export interface RecentBeat {
  readonly receivedAt: number;
  readonly sentAt: number | null;
}

/** Of its full size from the start: an array that grows takes more than it needs. */
export const noBeats = (): RecentBeats => [1, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN];

export const hasBeats = (beats: RecentBeats): boolean => !Number.isNaN(beats[1]!);

export function noteBeat(beats: RecentBeats, receivedAt: number, sentAt: number | null): void {
  const at = beats[0]!;
  beats[at] = receivedAt;
  beats[at + 1] = sentAt ?? NaN;
  beats[0] = at === 2 * KEPT - 1 ? 1 : at + 2;
}

/** The newest first. */
export function lastBeats(beats: RecentBeats): RecentBeat[] {
  const [next = 1] = beats;
  const [older, newer] = [pairs(beats.slice(next)), pairs(beats.slice(1, next))];
  return [...older, ...newer].filter(({ receivedAt }) => !Number.isNaN(receivedAt)).toReversed();
}

const pairs = (times: readonly number[]): RecentBeat[] =>
  Array.from({ length: times.length / 2 }, (_, at) => {
    const sentAt = times[2 * at + 1]!;
    return { receivedAt: times[2 * at]!, sentAt: Number.isNaN(sentAt) ? null : sentAt };
  });

/** By how many ms the sender's clock is ahead of ours, by the median of its last heartbeats; null: they do not say. */
export function clockSkew(beats: RecentBeats): number | null {
  const skews = lastBeats(beats).flatMap(({ receivedAt, sentAt }) => (sentAt === null ? [] : [sentAt - receivedAt]));
  skews.sort((a, b) => a - b);
  return skews[Math.floor((skews.length - 1) / 2)] ?? null;
}
