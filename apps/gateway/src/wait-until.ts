import type { Clock } from '@signalbox/platform';
import type { FastifyRequest } from 'fastify';

export interface Waiting {
  /** Whose answer waits: nobody waits on once it has gone. */
  readonly request: FastifyRequest;
  readonly ms: number;
  readonly isThere: () => boolean;
  /** Calls the listener after each change of what is waited for; returns how to stop that. */
  readonly onChange: (listener: () => void) => () => void;
  readonly clock: Clock;
  readonly shutdown: AbortSignal;
}

/** Resolves when it is there, the time is over, the caller has gone or this process stops. */
export function waitUntil({ request, ms, isThere, onChange, clock, shutdown }: Waiting): Promise<void> {
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
