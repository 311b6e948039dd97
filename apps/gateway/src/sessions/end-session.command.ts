import { Injectable } from '@nestjs/common';
import type { SessionEntry } from '@signalbox/contracts/streams';
import { ReadYourWrites } from '../state/read-your-writes.js';
import { Cookies } from './cookies.js';
import { SessionRepository } from './persistence/session.repository.js';
import { SESSION_COOKIE } from './session-cookie.js';
import { SessionsView } from './sessions.view.js';

/** Ends a session for good. It is refused on this process when the promise resolves; again is the same. */
@Injectable()
export class EndSessionCommand {
  constructor(
    private readonly sessions: SessionRepository,
    private readonly view: SessionsView,
    private readonly cookies: Cookies,
    private readonly writes: ReadYourWrites,
  ) {}

  /** @returns a `Set-Cookie` header that deletes the cookie */
  async execute({ id }: SessionEntry): Promise<string> {
    const written = await this.sessions.end(id);
    // Also when another process ended it: its delta may not have arrived here yet.
    this.view.end(id);
    if (written !== undefined) await this.writes.visible(written);
    return this.cookies.write({ name: SESSION_COOKIE, value: '', sameSite: 'Strict', maxAgeSeconds: 0 });
  }
}
