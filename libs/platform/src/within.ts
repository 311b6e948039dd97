import type { Clock } from './clock.js';

export interface Bound {
  readonly clock: Clock;
  readonly ms: number;
  /** The name of the work's result, for the error text. */
  readonly what?: string;
}

/**
 * Waits for work, at most for the bound. Late work is not cancelled.
 * @throws Error if the work is late; the error of the work if it fails
 */
export async function within<Result>({ clock, ms, what = 'answer' }: Bound, work: Promise<Result>): Promise<Result> {
  let cancel = (): void => undefined;
  const late = new Promise<never>((_, reject) => {
    cancel = clock.schedule(ms, () => reject(new Error(`no ${what} within ${ms} ms`)), { background: true });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
}

/** Waits until work is settled, at most for the bound. False if it was late; work that failed in time counts as settled. */
export async function settlesWithin({ clock, ms }: Bound, work: Promise<unknown> | undefined): Promise<boolean> {
  let cancel = (): void => undefined;
  const late = new Promise<false>((resolve) => {
    cancel = clock.schedule(ms, () => resolve(false));
  });
  const settled = Promise.resolve(work).then(
    () => true,
    () => true,
  );
  const inTime = await Promise.race([settled, late]);
  cancel();
  return inTime;
}
