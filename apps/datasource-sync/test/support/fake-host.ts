import { createLogger, systemClock } from '@signalbox/platform';
import type { AttemptReport, ChangeBatch, FollowerHost, FollowerReport } from '../../src/work/follower.js';

/** A host that keeps what a follower gives it. */
export class FakeHost implements FollowerHost {
  readonly clock = systemClock;
  readonly batches: ChangeBatch[] = [];
  readonly reports: FollowerReport[] = [];
  readonly attempts: AttemptReport[] = [];
  left: readonly string[] | null | undefined;
  output = '';
  readonly logger = createLogger({
    name: 'follower',
    level: 'debug',
    destination: { write: (line: string) => void (this.output += line) },
  });

  /** Rejects where the broker does not take it. */
  onPublish: (batch: ChangeBatch) => Promise<void> = () => Promise.resolve();

  async publish(batch: ChangeBatch): Promise<void> {
    await this.onPublish(batch);
    this.batches.push(batch);
  }

  report(state: FollowerReport): void {
    this.reports.push(structuredClone(state));
  }

  attempt(attempt: AttemptReport): void {
    this.attempts.push(attempt);
  }

  released(left: readonly string[] | null): void {
    this.left = left;
  }

  get state(): FollowerReport | undefined {
    return this.reports.at(-1);
  }

  /** Ids of what was published, in order. */
  get ids(): string[] {
    return this.batches.flatMap(({ changes }) => changes.map(({ id }) => id));
  }

  get position(): unknown {
    return this.batches.at(-1)?.position;
  }

  /** All that could show a secret. */
  get everything(): string {
    return JSON.stringify([this.batches, this.reports, this.attempts]) + this.output;
  }
}
