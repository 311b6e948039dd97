import { Injectable } from '@nestjs/common';
import type { SessionEntry } from '@signalbox/contracts/streams';
import type { FastifyRequest } from 'fastify';
import { Cookies } from './cookies.js';
import { SESSION_COOKIE } from './session-cookie.js';
import { SessionsView } from './sessions.view.js';

/** The session that a request was identified by. */
@Injectable()
export class CurrentSession {
  constructor(
    private readonly sessions: SessionsView,
    private readonly cookies: Cookies,
  ) {}

  /** Undefined where it was identified by something else, or the session ended meanwhile. */
  of({ caller, headers }: FastifyRequest): { entry: SessionEntry; secret: string } | undefined {
    if (caller?.via !== 'session') return undefined;
    const secret = this.cookies.read(headers.cookie, SESSION_COOKIE.name);
    const entry = secret && this.sessions.use(secret);
    return entry ? { entry, secret: secret! } : undefined;
  }

  /** A `Set-Cookie` header that deletes the cookie of a session that has ended. */
  forget(): string {
    return this.cookies.write({ ...SESSION_COOKIE, value: '', maxAgeSeconds: 0 });
  }
}
