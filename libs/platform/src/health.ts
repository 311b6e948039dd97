export interface CheckResult {
  readonly status: 'up' | 'down';
  /** Unix milliseconds since when it has been so. */
  readonly since?: number;
  /** For people; it is shown without a key, so it holds no secret. */
  readonly detail?: string;
}

export interface HealthReport {
  readonly status: 'ready' | 'not_ready';
  readonly checks: Readonly<Record<string, CheckResult & { readonly required: boolean }>>;
}

interface Check {
  readonly run: () => CheckResult;
  readonly required: boolean;
}

/** What a process knows about its own readiness. Checks answer from memory: they do no I/O and do not wait. */
export class Health {
  private readonly checks = new Map<string, Check>();

  /** Adds or replaces a check. One that is not required is shown, but does not make the process unready. */
  add(name: string, run: () => CheckResult, { required = true }: { readonly required?: boolean } = {}): void {
    this.checks.set(name, { run, required });
  }

  /** Every check as it is now. A check that throws is down. */
  report(): HealthReport {
    const results = [...this.checks].map(
      ([name, check]) => [name, { ...runSafely(check), required: check.required }] as const,
    );
    const ready = results.every(([, result]) => result.status === 'up' || !result.required);
    return { status: ready ? 'ready' : 'not_ready', checks: Object.fromEntries(results) };
  }
}

function runSafely(check: Check): CheckResult {
  try {
    return check.run();
  } catch {
    // The text of an unexpected error is not for a page without a key.
    return { status: 'down', detail: 'the check itself failed' };
  }
}
