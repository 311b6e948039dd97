import type { Clock } from './clock.js';

/** Waits for work no longer than so many ms; what is late is not ended by it. @throws Error where it is late, and whatever the work throws */
export async function within<Result>(
  { clock, ms, what = 'answer' }: { readonly clock: Clock; readonly ms: number; readonly what?: string },
  work: Promise<Result>,
): Promise<Result> {
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
