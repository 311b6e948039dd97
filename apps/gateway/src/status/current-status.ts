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

/** Ms. How long a report is kept does not depend on a wall clock that is set; when a notice begins does. */
interface Instant {
  readonly monotonic: number;
  readonly unix: number;
}

const isOver = (until: Instant, now: Instant): boolean => now.monotonic >= until.monotonic || now.unix >= until.unix;

/** The state of every component, as this process knows it. */
@Injectable()
export class CurrentStatus {
  private last: { readonly known: KnownStatus; readonly until: Instant; readonly notices: number } | undefined;

  constructor(
    private readonly facts: CurrentFacts,
    private readonly notices: NoticesView,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  get(): KnownStatus {
    const { revision } = this.notices;
    const now: Instant = { monotonic: this.clock.monotonic(), unix: this.clock.now() };
    if (this.last === undefined || isOver(this.last.until, now) || revision !== this.last.notices) {
      const until = { monotonic: now.monotonic + KEPT_MS, unix: this.notices.nextChange(now.unix) };
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
