import type { Clock } from './clock.js';

export interface Every {
  readonly clock: Clock;
  /** From the end of one run to the start of the next. */
  readonly ms: number;
  /** The first run starts now, not after one interval. */
  readonly atOnce?: boolean;
  /** The process may end while only this timer is pending. */
  readonly background?: boolean;
}

/**
 * Runs `run` repeatedly, one run at a time: if it returns a promise, the interval begins when that is settled. `run`
 * handles its own errors. Returns a function that stops it; a run in progress is not interrupted.
 */
export function every(
  { clock, ms, atOnce = false, background = false }: Every,
  run: () => void | Promise<void>,
): () => void {
  let cancel = (): void => undefined;
  let isStopped = false;
  const plan = (): void => {
    if (!isStopped) cancel = clock.schedule(ms, turn, { background });
  };
  const turn = (): void => {
    const running = run();
    if (running instanceof Promise) void running.finally(plan);
    else plan();
  };
  if (atOnce) turn();
  else plan();
  return () => {
    isStopped = true;
    cancel();
  };
}
