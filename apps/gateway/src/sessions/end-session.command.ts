import { Inject, Injectable } from '@nestjs/common';
import { auditOf, type AskedBy } from '@signalbox/contracts/messages';
import { CLOCK, type Clock } from '@signalbox/platform';
import { ReadYourWrites } from '../state/read-your-writes.js';
import { SessionRepository } from './persistence/session.repository.js';
import { SessionsView } from './sessions.view.js';

/** Ends a session for good. It is refused on this process when the promise resolves; again is the same. */
@Injectable()
export class EndSessionCommand {
  constructor(
    private readonly sessions: SessionRepository,
    private readonly view: SessionsView,
    private readonly writes: ReadYourWrites,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @returns whether it had not ended before */
  async execute(id: string, by: AskedBy): Promise<boolean> {
    const audit = auditOf(by, { at: this.clock.now(), action: 'end-session', resource: id });
    const written = await this.sessions.end(id, audit);
    // Also when another process ended it, and its delta has not arrived here yet.
    if (written !== undefined || this.view.has(id)) this.view.end(id);
    if (written !== undefined) await this.writes.visible(written);
    return written !== undefined;
  }
}
