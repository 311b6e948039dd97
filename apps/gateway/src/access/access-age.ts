import { Inject, Injectable } from '@nestjs/common';
import { gatewayStream } from '@signalbox/contracts/streams';
import { CONFIG } from '@signalbox/platform';
import { Replicas } from '@signalbox/state-streams';
import type { Config } from '../config.js';

/** What memory says is believed for a change while something of the stream was received within this time, where the database does not answer. */
const CURRENT_MS = 10_000;

/** How old that may be which this process knows of keys, tokens and sessions: the time since its copy of the stream was in step with its owner. */
@Injectable()
export class AccessAge {
  private readonly limitMs: number;

  constructor(
    private readonly replicas: Replicas,
    @Inject(CONFIG) config: Config,
  ) {
    this.limitMs = config.SIGNALBOX_ACCESS_STALE_LIMIT;
  }

  /** Whether it is known here if a credential was revoked. */
  get isCurrent(): boolean {
    return this.ms <= CURRENT_MS;
  }

  /** Whether it is too old to answer reads by it alone: `SIGNALBOX_ACCESS_STALE_LIMIT`. */
  get isBeyondLimit(): boolean {
    return this.ms > this.limitMs;
  }

  /** Before the first snapshot no caller is known at all. */
  private get ms(): number {
    return this.replicas.of(gatewayStream.name).ageMs ?? 0;
  }
}
