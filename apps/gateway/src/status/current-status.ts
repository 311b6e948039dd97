import { Inject, Injectable } from '@nestjs/common';
import { evaluate, type StatusReport } from '@signalbox/component-status';
import type { NoticeEntry } from '@signalbox/contracts/streams';
import { CLOCK, CONFIG, type Clock } from '@signalbox/platform';
import { toActiveNotice } from '@signalbox/status-facts';
import type { Config } from '../config.js';
import { NoticesView } from '../notices/notices.view.js';
import { CurrentFacts } from './current-facts.js';

/** How long a report is used again; its `timestamp` says when it was put together. */
const KEPT_MS = 100;

export interface KnownStatus {
  readonly report: StatusReport;
  /** The maintenance that is shown: of several the one that ends last. */
  readonly notice: NoticeEntry | undefined;
}

/** The state of every component, as this process knows it. */
@Injectable()
export class CurrentStatus {
  private last: { readonly known: KnownStatus; readonly until: number; readonly notices: number } | undefined;

  constructor(
    private readonly facts: CurrentFacts,
    private readonly notices: NoticesView,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  get(): KnownStatus {
    const { revision } = this.notices;
    const now = this.clock.now();
    if (this.last === undefined || now >= this.last.until || revision !== this.last.notices) {
      const until = Math.min(now + KEPT_MS, this.notices.nextChange(now));
      this.last = { known: this.compose(), until, notices: revision };
    }
    return this.last.known;
  }

  private compose(): KnownStatus {
    const facts = this.facts.read();
    const active = this.notices.active(facts.at);
    const report = evaluate(facts, { critical: this.config.CRITICAL_COMPONENTS, notices: active.map(toActiveNotice) });
    return { report, notice: active[0] };
  }
}
