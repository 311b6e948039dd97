import { afterProbe, unknownHealth, type Health } from './health.rules.js';
import { probe } from './probe.js';

export interface ProbingOptions {
  readonly url: URL;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly mostFailures: number;
  readonly onChange: (state: Health['state']) => void;
}

/** Probes a model server, each time so long after the probe before, until it is stopped. */
export class Probing {
  private health = unknownHealth;
  private next: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(private readonly options: ProbingOptions) {
    void this.probe();
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.next);
  }

  private async probe(): Promise<void> {
    const { url, timeoutMs, mostFailures, intervalMs, onChange } = this.options;
    const isHealthy = await probe(url, timeoutMs);
    if (this.isStopped) return;
    const { state } = this.health;
    this.health = afterProbe(this.health, isHealthy, mostFailures);
    if (this.health.state !== state) onChange(this.health.state);
    this.next = setTimeout(() => void this.probe(), intervalMs);
  }
}
