import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Role } from '@signalbox/contracts/http';
import { auditOf, type AskedBy } from '@signalbox/contracts/messages';
import { CLOCK, CONFIG, type Clock } from '@signalbox/platform';
import type { Config } from '../config.js';
import { ApiError } from '../http/errors/api-error.js';
import { ReadYourWrites } from '../state/read-your-writes.js';
import { Cookies } from './cookies.js';
import { SessionRepository } from './persistence/session.repository.js';
import { SESSION_COOKIE } from './session-cookie.js';
import { generateSecret, hashSecret } from './session-secret.js';

const BOUNDS = { inAll: 10_000, ofOnePerson: 20 };

export interface SignedInPerson {
  /** The same in each of their sessions. */
  readonly person: string;
  readonly name: string;
  readonly role: Role;
  /** Id of an account that exists. */
  readonly account: string;
}

/** Starts a session. It can be used on this process when the promise resolves. */
@Injectable()
export class StartSessionCommand {
  constructor(
    private readonly sessions: SessionRepository,
    private readonly cookies: Cookies,
    private readonly writes: ReadYourWrites,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @param asked the request, whose caller is not known before @returns a `Set-Cookie` header @throws ApiError 503 too many sessions */
  async execute(person: SignedInPerson, asked: AskedBy): Promise<string> {
    const secret = generateSecret();
    const now = this.clock.now();
    const { SIGNALBOX_SESSION_SECONDS: longest, SIGNALBOX_SESSION_IDLE_SECONDS: idle } = this.config;
    const row = {
      id: `session_${randomUUID()}`,
      sha256: hashSecret(secret),
      ...person,
      createdAt: new Date(now),
      expiresAt: new Date(now + longest * 1_000),
      idleExpiresAt: new Date(now + Math.min(idle, longest) * 1_000),
    };
    const { person: key_id, name, role, account } = person;
    const by: AskedBy = { ...asked, key_id, name, role, account, via: 'session' };
    const audit = auditOf(by, { at: now, action: 'start-session', resource: row.id });
    const written = await this.sessions.add(row, BOUNDS, audit);
    if (written === undefined) throw tooMany();
    await this.writes.visible(written);
    return this.cookies.write({ ...SESSION_COOKIE, value: secret, maxAgeSeconds: longest });
  }
}

const tooMany = (): ApiError =>
  new ApiError({
    status: 503,
    code: 'too_many_sessions',
    detail: `There are ${BOUNDS.inAll} sessions already.`,
    suggestion:
      'Sign out where you no longer work, or use an API key. Sessions end by themselves when they are not used.',
  });
