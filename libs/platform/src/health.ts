export interface CheckResult {
  readonly status: 'up' | 'down';
  /** Unix ms at which the present status began. */
  readonly since?: number;
  /** For people. It is shown without a key, so it must not contain a secret. */
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

/** The readiness of this process. Checks read memory only: they do no I/O and do not wait. */
export class Health {
  private readonly checks = new Map<string, Check>();

  /** Adds or replaces a check. One that is not required is shown, but does not make the process unready. */
  add(name: string, run: () => CheckResult, { required = true }: { readonly required?: boolean } = {}): void {
    this.checks.set(name, { run, required });
  }

  remove(name: string): void {
    this.checks.delete(name);
  }

  /** The present result of each check. A check that throws is down. */
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
    // The text of an unexpected error is not shown without a key.
    return { status: 'down', detail: 'the check itself failed' };
  }
}
