import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import * as oidc from 'openid-client';
import { ApiError } from '../http/errors/api-error.js';
import { boundedFetch } from './bounded-fetch.js';
import { factsOf, toSignInError } from './provider-errors.js';
import { configured, SIGN_IN_SETTINGS, type SignInSettings } from './sign-in-settings.js';

const TIMEOUT_SECONDS = 5;
/** Endpoints of a provider rarely change; its keys are read again when a signature needs it. */
const METADATA_KEPT_MS = 3_600_000;
/** A provider that did not answer is not asked more often, however many people try. */
const FAILURE_KEPT_MS = 1_000;
/** Strangers can begin sign-ins: they must not make this process open connections without bound. */
const MOST_AT_ONCE = 32;

export interface Claims {
  readonly sub: string;
  readonly [claim: string]: unknown;
}

/** What only the browser and this server know of a sign-in. */
export interface Challenge {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

interface Metadata {
  readonly until: number;
  /** With which the provider is asked. */
  readonly clientSecret: string;
  readonly found: Promise<oidc.Configuration>;
}

/** The OpenID Connect provider. It is contacted when a person signs in, so that a gateway also starts while it is down. */
@Injectable()
export class IdentityProvider {
  private metadata: Metadata | undefined;
  private readonly running = { begin: 0, complete: 0 };

  constructor(
    @Inject(SIGN_IN_SETTINGS) private readonly settings: SignInSettings | undefined,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Where a browser goes to sign in. @throws ApiError 404, 502, 503 */
  async challenge(): Promise<{ url: string; challenge: Challenge }> {
    const settings = configured(this.settings);
    return this.bounded('begin', async () => {
      const provider = await this.discover(settings);
      const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
      const url = oidc.buildAuthorizationUrl(provider, {
        redirect_uri: settings.callbackUrl,
        scope: settings.scopes,
        state,
        nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, challenge: { state, nonce, verifier } };
    });
  }

  /**
   * What the provider says of the person who comes back with these parameters.
   * @throws ApiError 400 an old code, 403 refused by the provider, 404, 502, 503
   */
  async claims(parameters: Record<string, string>, { state, nonce, verifier }: Challenge): Promise<Claims> {
    const settings = configured(this.settings);
    return this.bounded('complete', async () => {
      const provider = await this.discover(settings);
      const url = new URL(settings.callbackUrl);
      url.search = new URLSearchParams(parameters).toString();
      const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
      const tokens = await oidc.authorizationCodeGrant(provider, url, checks);
      // `idTokenExpected`: without an ID token it has thrown.
      const claims = tokens.claims()!;
      // Many providers put groups at the userinfo endpoint only.
      if (claims[settings.groupsClaim] !== undefined || provider.serverMetadata().userinfo_endpoint === undefined)
        return claims;
      return { ...claims, ...(await oidc.fetchUserInfo(provider, tokens.access_token, claims.sub)) };
    });
  }

  /** Where a browser goes to sign out of the provider. Undefined where it has no such page, or does not answer. */
  async endSessionUrl(): Promise<string | undefined> {
    if (this.settings === undefined) return undefined;
    const provider = await this.discover(this.settings).catch(() => undefined);
    if (provider?.serverMetadata().end_session_endpoint === undefined) return undefined;
    try {
      return oidc.buildEndSessionUrl(provider).href;
    } catch (error) {
      // The session is over already, whatever the provider says of its page.
      this.logger.warn(factsOf(error), 'the identity provider has no usable page to sign out');
      return undefined;
    }
  }

  private discover({ issuer, clientId, clientSecret, clientAuth }: SignInSettings): Promise<oidc.Configuration> {
    const now = this.clock.monotonic();
    const { metadata } = this;
    if (metadata !== undefined && now < metadata.until && metadata.clientSecret === clientSecret) return metadata.found;
    const authenticate = clientAuth === 'client_secret_post' ? oidc.ClientSecretPost : oidc.ClientSecretBasic;
    const found = oidc.discovery(new URL(issuer), clientId, undefined, authenticate(clientSecret), {
      timeout: TIMEOUT_SECONDS,
      [oidc.customFetch]: boundedFetch,
      // The signature of each ID token is checked, also where TLS would vouch for it.
      execute: [oidc.enableNonRepudiationChecks, ...(issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [])],
    });
    this.metadata = { until: now + METADATA_KEPT_MS, clientSecret, found };
    found.catch(() => (this.metadata = { until: this.clock.monotonic() + FAILURE_KEPT_MS, clientSecret, found }));
    return found;
  }

  /** Each step by itself: those who cannot complete a sign-in do not keep others from beginning one. */
  private async bounded<Result>(step: keyof typeof this.running, work: () => Promise<Result>): Promise<Result> {
    if (this.running[step] >= MOST_AT_ONCE) throw tooMany();
    this.running[step] += 1;
    try {
      return await work();
    } catch (error) {
      const shown = toSignInError(error);
      this.logger.warn({ ...factsOf(error), code: shown.code }, 'sign-in failed at the identity provider');
      throw shown;
    } finally {
      this.running[step] -= 1;
    }
  }
}

const tooMany = (): ApiError =>
  new ApiError({
    status: 503,
    code: 'too_many_sign_ins',
    detail: `${MOST_AT_ONCE} sign-ins wait for the identity provider already.`,
    suggestion: 'Try again in a moment, or use an API key.',
    headers: { 'retry-after': '5' },
  });
