import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { CLOCK, every, type Clock } from '@signalbox/platform';
import { SessionRepository } from './persistence/session.repository.js';
import { SessionsView } from './sessions.view.js';

const RENEW_EVERY_MS = 5_000;
const DELETE_EVERY_MS = 60_000;

/** Stores the idle ends of used sessions and deletes sessions that are over. No request waits for it. */
@Injectable()
export class SessionUpkeep implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private stops: (() => void)[] = [];

  constructor(
    private readonly view: SessionsView,
    private readonly sessions: SessionRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    const { clock } = this;
    this.stops = [
      every({ clock, ms: RENEW_EVERY_MS, background: true }, () => this.renew()),
      every({ clock, ms: DELETE_EVERY_MS, atOnce: true, background: true }, async () => {
        // A failure is left to the next run: a session that is over is refused also while its row is there.
        await this.sessions.deleteExpired(new Date(clock.now())).catch(() => undefined);
      }),
    ];
  }

  beforeApplicationShutdown(): void {
    for (const stop of this.stops) stop();
  }

  /** Never rejects. */
  private async renew(): Promise<void> {
    const renewals = this.view.takeUnstored();
    if (renewals.length === 0) return;
    await this.sessions.renew(renewals).catch(() => this.view.putBack(renewals.map(({ id }) => id)));
  }
}
