import { hkdfSync } from 'node:crypto';
import type { Config } from '../config.js';
import { ApiError } from '../http/errors/api-error.js';
import type { GroupRole } from '../settings/group-roles.rules.js';

const KEY_BYTES = 32;

/** What sign-in needs, complete. */
export interface SignInSettings {
  readonly issuer: string;
  readonly clientId: string;
  /** That of now: it may be replaced meanwhile. */
  readonly clientSecret: string;
  readonly clientAuth: Config['SIGNALBOX_OIDC_CLIENT_AUTH'];
  readonly scopes: string;
  readonly groupsClaim: string;
  readonly groups: readonly GroupRole[];
  readonly callbackUrl: string;
}

/** Injection token: `SignInSettings | undefined`, undefined where people cannot sign in. */
export const SIGN_IN_SETTINGS = Symbol('SIGN_IN_SETTINGS');

/** What is missing was refused with the configuration. */
export function signInSettings(config: Config): SignInSettings | undefined {
  if (config.SIGNALBOX_OIDC_ISSUER === undefined) return undefined;
  return {
    issuer: config.SIGNALBOX_OIDC_ISSUER,
    clientId: config.SIGNALBOX_OIDC_CLIENT_ID!,
    get clientSecret() {
      return config.SIGNALBOX_OIDC_CLIENT_SECRET!;
    },
    clientAuth: config.SIGNALBOX_OIDC_CLIENT_AUTH,
    scopes: config.SIGNALBOX_OIDC_SCOPES,
    groupsClaim: config.SIGNALBOX_OIDC_GROUPS_CLAIM,
    groups: config.SIGNALBOX_OIDC_GROUPS!,
    callbackUrl: new URL('/v1/session/callback', config.SIGNALBOX_PUBLIC_URL).href,
  };
}

/** A key that all gateways have, since they have the secret of the client. */
export const keyOf = ({ clientSecret }: SignInSettings, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', clientSecret, Buffer.alloc(0), `signalbox ${purpose}`, KEY_BYTES));

/** @throws ApiError 404 */
export function configured(settings: SignInSettings | undefined): SignInSettings {
  if (settings !== undefined) return settings;
  throw new ApiError({
    status: 404,
    code: 'sign_in_not_configured',
    detail: 'This deployment has no identity provider to sign in with.',
    suggestion: 'Use an API key: send it as `X-Api-Key: <key>`.',
  });
}
