import { optionError } from '../option-error.js';
import type { ReaderOptions } from '../reader-options.js';

export interface ModelServerOptions extends ReaderOptions {
  /** Of the model server, http or https: it answers a GET with 2xx when the model serves requests. Redirects are not followed. */
  healthUrl: string;
  /** The model server and its arguments, to be started. Without it the server is one that runs already. */
  command?: readonly [string, ...string[]];
  /** Of the command; default: that of this process without `READER_RABBITMQ_URL` and `READER_RABBITMQ_URL_FILE`. */
  env?: NodeJS.ProcessEnv;
  /** Seconds between two probes; default 2. */
  probeInterval?: number;
  /** Seconds that one probe may take; default 5. */
  probeTimeout?: number;
  /** Failed probes in a row after which the reader is loading again; default 3. */
  probeFailures?: number;
  /** Seconds after the signal to end it at which the command is killed; default 30. */
  stopTimeout?: number;
}

export interface CheckedServer {
  readonly url: URL;
  readonly command: readonly [string, ...string[]] | undefined;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly mostFailures: number;
  readonly stopMs: number;
}

/** @throws TypeError that names each invalid option. */
export function checkedServer(options: ModelServerOptions): CheckedServer {
  const { healthUrl, command, probeInterval = 2, probeTimeout = 5, probeFailures = 3, stopTimeout = 30 } = options;
  const problems = [
    ...healthUrlProblems(healthUrl),
    ...secondsProblems({ probeInterval, probeTimeout, stopTimeout }),
    ...(Number.isInteger(probeFailures) && probeFailures >= 1 && probeFailures <= 100
      ? []
      : ['probeFailures: must be a whole number from 1 to 100']),
    ...(command === undefined || command[0] ? [] : ['command: must not be empty']),
  ];
  if (problems.length > 0) throw optionError(problems);
  return {
    url: new URL(healthUrl),
    command,
    intervalMs: probeInterval * 1_000,
    timeoutMs: probeTimeout * 1_000,
    mostFailures: probeFailures,
    stopMs: stopTimeout * 1_000,
  };
}

/** Its value is not quoted: it may contain a password. */
function healthUrlProblems(given: string): string[] {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return ['healthUrl: must be an http:// or https:// URL'];
  return url.username === '' && url.password === '' ? [] : ['healthUrl: must not contain a user or password'];
}

const secondsProblems = (given: Readonly<Record<string, number>>): string[] =>
  Object.entries(given)
    .filter(([, seconds]) => !(seconds >= 0.1 && seconds <= 3_600))
    .map(([name]) => `${name}: must be 0.1 to 3600 seconds`);
