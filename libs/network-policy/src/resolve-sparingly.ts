import { lookup, type LookupAddress } from 'node:dns';
import type { Resolve } from './guarded-socket.js';

export interface ResolveSparinglyOptions {
  /** Default: Node's `dns.lookup`. */
  readonly resolve?: Resolve;
  /** Monotonic ms. */
  readonly now: () => number;
}

type Answered = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;

/** Of a failure that is remembered: its name servers were silent. One that is quick costs nothing, and may be repaired the next moment. */
const SLOW_MS = 1_000;
const REMEMBERED_MS = 30_000;

/**
 * Looks up each name once at a time, and not again for 30 s after a failure that took more than a second. `dns.lookup` occupies a thread,
 * of which there are few, until the system gives up on silent name servers (10 s and more), whether its caller still waits or not: names
 * with such servers would leave none for the others.
 */
export function resolveSparingly({ resolve = lookup, now }: ResolveSparinglyOptions): Resolve {
  const underWay = new Map<string, Answered[]>();
  /** The one that is forgotten next comes first. */
  const failed = new Map<string, { readonly error: NodeJS.ErrnoException; readonly until: number }>();
  const forget = (): void => {
    for (const [name, { until }] of failed) {
      if (until > now()) return;
      failed.delete(name);
    }
  };
  return (hostname, options, callback) => {
    forget();
    const name = [hostname, options.family, options.hints].join(' ');
    const failure = failed.get(name);
    if (failure !== undefined) return process.nextTick(callback, failure.error, []);
    const waiting = underWay.get(name);
    if (waiting !== undefined) return void waiting.push(callback);
    const callbacks: Answered[] = [callback];
    underWay.set(name, callbacks);
    const startedAt = now();
    resolve(hostname, options, (error, addresses) => {
      underWay.delete(name);
      if (error !== null && now() - startedAt > SLOW_MS) failed.set(name, { error, until: now() + REMEMBERED_MS });
      for (const answer of callbacks) answer(error, addresses);
    });
  };
}
