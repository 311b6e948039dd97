import { Injectable } from '@nestjs/common';
import type { SessionEntry } from '@signalbox/contracts/streams';
import type { FastifyRequest } from 'fastify';
import { Guesses } from '../access/guesses.js';
import { notReady } from '../access/not-ready.js';
import { CREDENTIAL_MISSING, unauthorized } from '../access/unauthorized.js';
import type { Caller, CallerSource } from '../http/caller.js';
import { Cookies } from './cookies.js';
import { ForgedRequests } from './forged-requests.js';
import type { SessionRow } from './persistence/session.entity.js';
import { SessionRepository } from './persistence/session.repository.js';
import { SESSION_COOKIE } from './session-cookie.js';
import { SessionsView } from './sessions.view.js';

/** Identifies people by the cookie of their session, from memory. */
@Injectable()
export class SessionCallers implements CallerSource {
  readonly kind = 'session';
  /** The stream replaces the entry of a session that changes. */
  private readonly callers = new WeakMap<SessionEntry, Caller>();
  private readonly entries = new WeakMap<Caller, SessionEntry>();

  constructor(
    private readonly sessions: SessionsView,
    private readonly cookies: Cookies,
    private readonly forged: ForgedRequests,
    private readonly guesses: Guesses,
    private readonly stored: SessionRepository,
  ) {}

  knows(header: string): boolean {
    const secret = this.cookies.read(header, SESSION_COOKIE.name);
    return secret === undefined || !this.sessions.hasSnapshot || this.sessions.find(secret) !== undefined;
  }

  /** @param header `Cookie` @throws ApiError 401, 429 for too many unknown cookies, 403 forged, or 503 while no session can be known yet */
  callerOf(header: string, request: FastifyRequest): Caller {
    const secret = this.cookies.read(header, SESSION_COOKIE.name);
    if (secret === undefined) throw CREDENTIAL_MISSING;
    if (!this.sessions.hasSnapshot) throw notReady();
    const entry = this.sessions.use(secret);
    if (entry === undefined) {
      this.guesses.count(request.ip);
      throw OVER;
    }
    this.forged.refuse(request, secret);
    return this.of(entry);
  }

  async confirm(caller: Caller): Promise<void> {
    const entry = this.entries.get(caller);
    // Its idle end may be stored later than it is used: a session that is over has no row.
    const row = entry && (await this.stored.find(entry.id));
    if (row && hasRightsOf(entry, row)) return;
    // The stream has not said so yet: from now on reads are refused, too.
    if (entry !== undefined) this.sessions.end(entry.id);
    throw OVER;
  }

  private of(entry: SessionEntry): Caller {
    const known = this.callers.get(entry);
    if (known !== undefined) return known;
    const { person: id, name, role, account } = entry;
    const caller: Caller = { via: 'session', id, name, role, mode: 'live', account, scopes: [] };
    this.callers.set(entry, caller);
    this.entries.set(caller, entry);
    return caller;
  }
}

/** The stream must not give a session other rights than it was started with. */
const hasRightsOf = (entry: SessionEntry, row: SessionRow): boolean =>
  entry.sha256 === row.sha256 &&
  entry.role === row.role &&
  entry.account === row.account &&
  entry.person === row.person;

/** Made once: a process must not be kept busy with errors by wrong cookies. */
const OVER = unauthorized(
  'session_expired',
  'This session is over: it has expired, or was ended by signing out.',
  'Sign in again: GET /v1/session/sign-in.',
);
