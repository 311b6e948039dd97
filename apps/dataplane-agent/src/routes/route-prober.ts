import type { Clock, Logger } from '@signalbox/platform';
import { probeRoute, type Resolve } from './probe-route.js';
import type { Route } from './route.js';

export interface RouteProberOptions {
  readonly routes: readonly Route[];
  /** From the start of one round to the start of the next, ms; a round that takes longer is finished first. */
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly resolve?: Resolve;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Default 32. */
  readonly atOnce?: number;
  readonly probe?: typeof probeRoute;
}

/** Keeps the result of the last probe of each route. Probing runs in the background, a few routes at once. */
export class RouteProber {
  private readonly found: Map<string, string>;
  private cancel: (() => void) | undefined;
  private stopped = false;

  constructor(private readonly options: RouteProberOptions) {
    this.found = new Map(options.routes.map(({ name }) => [name, 'not probed yet']));
  }

  start(): void {
    if (this.options.routes.length > 0) void this.round();
  }

  stop(): void {
    this.stopped = true;
    this.cancel?.();
  }

  /** Each route with `OK` or the reason why it cannot be reached; undefined where there is none to probe. */
  results(): Record<string, string> | undefined {
    return this.found.size === 0 ? undefined : Object.fromEntries(this.found);
  }

  private async round(): Promise<void> {
    const { routes, intervalMs, clock, atOnce = 32 } = this.options;
    const begun = clock.monotonic();
    const waiting = [...routes];
    const lane = async (): Promise<void> => {
      for (let route = waiting.shift(); route && !this.stopped; route = waiting.shift()) await this.probe(route);
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, waiting.length) }, lane));
    if (this.stopped) return;
    this.cancel = clock.schedule(begun + intervalMs - clock.monotonic(), () => void this.round(), { background: true });
  }

  private async probe(route: Route): Promise<void> {
    const { timeoutMs, resolve, logger, probe = probeRoute } = this.options;
    const result = await probe(route, { timeoutMs, ...(resolve && { resolve }) });
    const before = this.found.get(route.name);
    this.found.set(route.name, result);
    if (result !== before)
      logger[result === 'OK' ? 'info' : 'warn']({ route: route.name, result, before }, 'private route changed');
  }
}
