import { describeError } from '@signalbox/platform';
import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client';
import { ApiError } from '../http/errors/api-error.js';

const AGAIN = 'Sign in again: GET /v1/session/sign-in.';

/** The sign-in was not begun in this browser, was begun too long ago, or is over. */
export const signInExpired = (): ApiError =>
  new ApiError({
    status: 400,
    code: 'sign_in_expired',
    detail: 'This sign-in was begun too long ago, in another browser or in another tab, or is completed already.',
    suggestion: AGAIN,
  });

/** The answer to a sign-in that failed at the identity provider. It quotes nothing that the provider or the browser sent. */
export function toSignInError(error: unknown): ApiError {
  if (error instanceof AuthorizationResponseError && error.error === 'access_denied') {
    return new ApiError({
      status: 403,
      code: 'sign_in_refused',
      detail: 'The identity provider refused the sign-in, or it was cancelled there.',
      suggestion: AGAIN,
    });
  }
  // The code was used before, or its time is over.
  if (error instanceof ResponseBodyError && error.error === 'invalid_grant') return signInExpired();
  return isUnavailable(error) ? unavailable() : unusable();
}

/** What a log may have of the error: what else it holds may be tokens. */
export function factsOf(error: unknown): { reason: string; cause?: string; error?: string } {
  const cause = error instanceof Error && error.cause instanceof Error ? describeError(error.cause) : undefined;
  return {
    reason: describeError(error),
    ...(cause !== undefined && { cause }),
    ...(error instanceof ResponseBodyError && { error: error.error }),
  };
}

const unavailable = (): ApiError =>
  new ApiError({
    status: 503,
    code: 'identity_provider_unavailable',
    detail: 'The identity provider cannot be reached or does not answer.',
    suggestion: 'Try again in a moment, or use an API key.',
    headers: { 'retry-after': '5' },
  });

const unusable = (): ApiError =>
  new ApiError({
    status: 502,
    code: 'identity_provider_error',
    detail: 'The identity provider gave an answer that cannot be used. The logs of the gateway have the reason.',
    suggestion: 'Ask the operator to check SIGNALBOX_OIDC_* and the client at the identity provider.',
  });

function isUnavailable(error: unknown): boolean {
  // `fetch` throws a TypeError where no connection comes about, or where it breaks.
  if (error instanceof TypeError) return true;
  if (error instanceof AuthorizationResponseError) return error.error === 'temporarily_unavailable';
  if (!(error instanceof ClientError)) return false;
  return error.cause instanceof Response ? error.cause.status >= 500 : error.code === 'OAUTH_TIMEOUT';
}
