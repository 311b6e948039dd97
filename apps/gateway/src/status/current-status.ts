import { Inject, Injectable } from '@nestjs/common';
import { evaluate, type StatusReport } from '@signalbox/component-status';
import { CLOCK, CONFIG, type Clock } from '@signalbox/platform';
import type { Config } from '../config.js';
import { CurrentFacts } from './current-facts.js';

/** How long a report is used again; its `timestamp` says when it was put together. */
const KEPT_MS = 100;

/** The state of every component, as this process knows it. */
@Injectable()
export class CurrentStatus {
  private last: { readonly report: StatusReport; readonly until: number } | undefined;

  constructor(
    private readonly facts: CurrentFacts,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  get report(): StatusReport {
    const now = this.clock.monotonic();
    if (this.last === undefined || now >= this.last.until) {
      const report = evaluate(this.facts.read(), { critical: this.config.CRITICAL_COMPONENTS });
      this.last = { report, until: now + KEPT_MS };
    }
    return this.last.report;
  }
}
