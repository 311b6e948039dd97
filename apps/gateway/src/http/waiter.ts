import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, SHUTDOWN, type Clock } from '@signalbox/platform';
import type { FastifyRequest } from 'fastify';

export interface Waiting {
  readonly ms: number;
  readonly isThere: () => boolean;
  /** Calls the listener after each change of what is waited for; returns how to stop that. */
  readonly onChange: (listener: () => void) => () => void;
}

/** Lets an answer wait for what is about to be known here. */
@Injectable()
export class Waiter {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SHUTDOWN) private readonly shutdown: AbortSignal,
  ) {}

  /** Resolves when it is there, the time is over, the caller has gone or this process stops. */
  until(request: FastifyRequest, { ms, isThere, onChange }: Waiting): Promise<void> {
    const { clock, shutdown } = this;
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        unlisten();
        request.raw.socket.off('close', done);
        shutdown.removeEventListener('abort', done);
        resolve();
      };
      const cancel = clock.schedule(ms, done);
      const unlisten = onChange(() => {
        if (isThere()) done();
      });
      request.raw.socket.once('close', done);
      shutdown.addEventListener('abort', done);
      if (isThere() || shutdown.aborted) done();
    });
  }
}
