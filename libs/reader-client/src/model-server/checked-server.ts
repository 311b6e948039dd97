import { optionError } from '../option-error.js';
import type { ModelServerOptions } from './model-server-options.js';

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
