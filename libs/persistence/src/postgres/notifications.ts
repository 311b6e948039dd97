import { Backoff, describeError, LinkedAbort, wait, type Clock, type Logger } from '@signalbox/platform';
import { DedicatedConnection, type DedicatedConnectionOptions } from './dedicated-connection.js';

export interface NotificationOptions extends DedicatedConnectionOptions {
  /** All services share one database: the name must say what is notified of. */
  readonly channel: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Calls `wake` at each notification on a channel, and whenever it listens again after its connection was lost: some may have been
 * missed. Returns a function that ends it.
 */
export function listenForNotifications(options: NotificationOptions, wake: () => void): () => Promise<void> {
  const stopping = new AbortController();
  const running = keepListening(options, wake, stopping.signal);
  return async () => {
    stopping.abort();
    await running;
  };
}

async function keepListening(options: NotificationOptions, wake: () => void, signal: AbortSignal): Promise<void> {
  const { channel, clock, logger } = options;
  const backoff = new Backoff({ minMs: 250, maxMs: 5_000 });
  while (!signal.aborted) {
    try {
      await listen(options, { wake, signal, connected: () => backoff.reset() });
    } catch (error) {
      if (!signal.aborted)
        logger.debug({ channel, reason: describeError(error) }, 'notifications not received, retrying');
    }
    await wait({ clock, ms: backoff.nextMs(), signal });
  }
}

/** One connection. Returns when it is stopped or the connection is lost. */
async function listen(
  { channel, ...options }: NotificationOptions,
  { wake, signal, connected }: { wake: () => void; signal: AbortSignal; connected: () => void },
): Promise<void> {
  const connection = await DedicatedConnection.open(options);
  const ended = new LinkedAbort(signal, connection.lost);
  try {
    await connection.listen(channel, wake);
    connected();
    wake();
    if (!ended.signal.aborted)
      await new Promise((resolve) => {
        ended.signal.addEventListener('abort', resolve, { once: true });
      });
  } finally {
    ended.end();
    await connection.close();
  }
}
