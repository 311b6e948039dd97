import { setMaxListeners } from 'node:events';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, SHUTDOWN, type Clock } from '@signalbox/platform';
import type { FastifyRequest } from 'fastify';
import { onceClientLeft } from './answer-ends.js';
import { callerName } from './caller.js';
import type { ApiError } from './errors/api-error.js';
import { pathOf } from './request-path.js';
import { TOO_MANY_OF_KEY, WaitCaps } from './wait-caps.js';

export interface Waiting {
  readonly ms: number;
  readonly isThere: () => boolean;
  /** Calls the listener after each change that may make the condition hold. Returns how to stop that. */
  readonly onChange: (listener: () => void) => () => void;
}

/** Long polls: an answer waits until a condition holds. */
@Injectable()
export class Waiter {
  private readonly caps = new WaitCaps();
  /** The templates of the routes whose requests wait. */
  private readonly routes = new Set<string>();

  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SHUTDOWN) private readonly shutdown: AbortSignal,
  ) {
    // Each wait listens to it, and Node.js warns of more than ten.
    setMaxListeners(0, shutdown);
  }

  /**
   * Waits because the client asked for it (`wait`).
   * @throws ApiError 429 where too many requests of the caller, or of all, wait already
   */
  async asked(request: FastifyRequest, waiting: Waiting): Promise<void> {
    this.routes.add(pathOf(request));
    const end = this.caps.begin({ key: callerName(request), isStranger: request.caller === null });
    // It may take a minute, and is counted by itself from now on.
    request.turn?.end();
    try {
      await this.until(request, waiting);
    } finally {
      end();
    }
  }

  /** Why `asked` would refuse a request that asks for a wait: undefined where it would not, and for a route that had none to refuse yet. */
  refusalOf({ route, caller, query }: { route: string; caller: string; query: URLSearchParams }): ApiError | undefined {
    const asksFor = Number.parseFloat(query.get('wait') ?? '0');
    return asksFor > 0 && this.routes.has(route) && this.caps.isFullFor(caller) ? TOO_MANY_OF_KEY : undefined;
  }

  /** Resolves when the condition holds, the time is over, the client disconnects or this process stops. */
  until(request: FastifyRequest, { ms, isThere, onChange }: Waiting): Promise<void> {
    const { clock, shutdown } = this;
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        unlisten();
        stopListening();
        shutdown.removeEventListener('abort', done);
        resolve();
      };
      const cancel = clock.schedule(ms, done);
      const unlisten = onChange(() => {
        if (isThere()) done();
      });
      const stopListening = onceClientLeft(request.raw.socket, done);
      shutdown.addEventListener('abort', done);
      if (isThere() || shutdown.aborted) done();
    });
  }
}
