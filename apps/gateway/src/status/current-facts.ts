import { Inject, Injectable } from '@nestjs/common';
import type { StatusFacts } from '@signalbox/component-status';
import { CLOCK, CONFIG, type Clock } from '@signalbox/platform';
import { FollowedFacts } from '@signalbox/status-facts';
import type { Config } from '../config.js';
import { ConnectionChecks } from '../health/connection-checks.js';
import { Stopping } from '../health/stopping.js';

/** What this process knows now, from the streams that it follows and its own checks: no query, no request. */
@Injectable()
export class CurrentFacts {
  constructor(
    private readonly followed: FollowedFacts,
    private readonly checks: ConnectionChecks,
    private readonly stopping: Stopping,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  read(): StatusFacts {
    const { gateways, ...facts } = this.followed.read({
      dataplaneTimeoutMs: this.config.SIGNALBOX_DATAPLANE_TIMEOUT_MS,
    });
    return {
      at: this.clock.now(),
      ...facts,
      ...this.checks.probes,
      api: { isStopping: this.stopping.hasBegun, stream: gateways },
    };
  }
}
