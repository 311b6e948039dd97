/** What the probes of a model server showed. */
export interface Health {
  readonly state: 'loading' | 'ready';
  /** Consecutive failed probes. */
  readonly failures: number;
}

export const unknownHealth: Health = { state: 'loading', failures: 0 };

/**
 * One healthy answer makes the server ready. It is loading again after so many failed probes in a row: one that is late, while the server
 * works on a large request, is no reason to take it out.
 */
export function afterProbe({ state, failures }: Health, isHealthy: boolean, mostFailures: number): Health {
  if (isHealthy) return { state: 'ready', failures: 0 };
  const now = failures + 1;
  return { state: now >= mostFailures ? 'loading' : state, failures: now };
}
