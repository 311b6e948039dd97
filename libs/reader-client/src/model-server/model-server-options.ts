import type { ReaderOptions } from '../reader-options.js';

/** A signal that ends a process. */
export type StopSignal = 'SIGTERM' | 'SIGINT' | 'SIGHUP' | 'SIGQUIT';

export interface ModelServerOptions extends ReaderOptions {
  /** Of the model server, http or https: it answers a GET with 2xx when the model serves requests. Redirects are not followed. */
  healthUrl: string;
  /** The model server and its arguments, to be started. Without it the server is one that runs already. */
  command?: readonly [string, ...string[]];
  /** Of the command; default: that of this process without `READER_RABBITMQ_URL` and `READER_RABBITMQ_URL_FILE`. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Seconds between two probes; default 2. */
  probeInterval?: number;
  /** Seconds that one probe may take; default 5. */
  probeTimeout?: number;
  /** Failed probes in a row after which the reader is loading again; default 3. */
  probeFailures?: number;
  /** Seconds after the signal to end it at which the command is killed; default 30. */
  stopTimeout?: number;
}
