/**
 * A token bucket of one second, kept as one number (GCRA): the time at which the bucket is full again, in ms of any clock.
 * A bucket whose time has passed is full, so that nothing is kept for it.
 */
export type FullAt = number;

export type BurstDecision =
  | { readonly admitted: true; readonly fullAt: FullAt }
  | { readonly admitted: false; readonly retryAfterMs: number };

/** Takes a token. The bucket holds `perSecond` tokens and gets as many in a second. */
export function takeToken(
  fullAt: FullAt | undefined,
  { nowMs, perSecond }: { nowMs: number; perSecond: number },
): BurstDecision {
  const next = Math.max(fullAt ?? nowMs, nowMs) + 1_000 / perSecond;
  // A sum of 1,000 / perSecond is not exactly a second.
  const excessMs = next - nowMs - 1_000 - 1e-6;
  return excessMs > 0 ? { admitted: false, retryAfterMs: excessMs } : { admitted: true, fullAt: next };
}
