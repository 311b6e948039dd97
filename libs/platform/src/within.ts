import type { Clock } from './clock.js';

export interface Bound {
  readonly clock: Clock;
  readonly ms: number;
  /** What is waited for, in the error text. */
  readonly what?: string;
}

/**
 * Waits for work no longer than the bound; work that is late is not ended by it.
 * @throws Error where it is late, and whatever the work throws
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

/** Waits until work is settled, no longer than the bound. False where it was late; work that failed in time counts as settled. */
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
