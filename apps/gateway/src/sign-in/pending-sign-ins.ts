import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, NotOpenable, Vault, type Clock } from '@signalbox/platform';
import { z } from 'zod';
import { Cookies } from '../sessions/cookies.js';
import { configured, keyOf, SIGN_IN_SETTINGS, type SignInSettings } from './sign-in-settings.js';

const COOKIE = 'signalbox_sign_in';
/** The time that a person has at the identity provider. */
const LIFETIME_SECONDS = 600;
const PLACE = 'sign-in cookie';

const pending = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnTo: z.string(),
  expiresAt: z.number(),
});

/** What is known of a sign-in while the person is at the identity provider. */
export type PendingSignIn = Omit<z.infer<typeof pending>, 'expiresAt'>;

/**
 * Keeps it in an encrypted cookie: any gateway can complete the sign-in, only in the browser that began it, and strangers who
 * begin many of them fill no table.
 */
@Injectable()
export class PendingSignIns {
  constructor(
    @Inject(SIGN_IN_SETTINGS) private readonly settings: SignInSettings | undefined,
    private readonly cookies: Cookies,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** A `Set-Cookie` header. @throws ApiError 404 */
  keep(begun: PendingSignIn): string {
    const expiresAt = this.clock.now() + LIFETIME_SECONDS * 1_000;
    const value = this.vault().seal(JSON.stringify({ ...begun, expiresAt }), PLACE);
    // The identity provider, another site, sends the browser back: a strict cookie would be missing then.
    return this.cookies.write({ name: COOKIE, value, sameSite: 'Lax', maxAgeSeconds: LIFETIME_SECONDS });
  }

  /** Undefined where the browser has begun none, or too long ago. @throws ApiError 404 */
  find(cookieHeader: string | undefined): PendingSignIn | undefined {
    const vault = this.vault();
    const sealed = this.cookies.read(cookieHeader, COOKIE);
    if (sealed === undefined) return undefined;
    try {
      // A gateway of another release may have sealed it.
      const { data } = pending.safeParse(JSON.parse(vault.open(sealed, PLACE)));
      if (data === undefined || data.expiresAt <= this.clock.now()) return undefined;
      const { expiresAt: _, ...begun } = data;
      return begun;
    } catch (error) {
      if (error instanceof NotOpenable) return undefined;
      throw error;
    }
  }

  /** A `Set-Cookie` header that deletes it. */
  forget(): string {
    return this.cookies.write({ name: COOKIE, value: '', sameSite: 'Lax', maxAgeSeconds: 0 });
  }

  private vault(): Vault {
    return new Vault([{ id: 'client-secret', key: keyOf(configured(this.settings), PLACE) }]);
  }
}
