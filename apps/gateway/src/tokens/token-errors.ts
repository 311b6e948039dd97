import { ApiError } from '../http/errors/api-error.js';
import { unauthorized } from '../access/unauthorized.js';

const ANOTHER = 'Issue another token with the key: POST /v1/tokens.';

export const tokenInvalid = (): ApiError =>
  unauthorized(
    'token_invalid',
    'This token is not valid: it was changed, or no gateway of this system signed it.',
    ANOTHER,
  );

export const tokenExpired = (): ApiError => unauthorized('token_expired', 'This token has expired.', ANOTHER);

export const tokenRevoked = (): ApiError => unauthorized('token_revoked', 'This token was revoked.', ANOTHER);

export const keyOfTokenEnded = (): ApiError =>
  unauthorized(
    'token_revoked',
    'The key of this token was revoked, or has expired.',
    'Issue a token with another key: POST /v1/tokens.',
  );

export const tokenNotFound = (id: string): ApiError =>
  new ApiError({ status: 404, code: 'token_not_found', detail: `There is no token ${id}.` });

export const notSecret = (): ApiError =>
  new ApiError({
    status: 403,
    code: 'insufficient_scope',
    detail: 'Only a secret key has tokens.',
    suggestion: 'Issue the token with a secret key.',
  });

export const tooManyTokens = (most: number): ApiError =>
  new ApiError({
    status: 409,
    code: 'too_many_tokens',
    detail: `This key has ${most} tokens that have not expired, the most that a key may have. A revoked token counts until it expires.`,
    suggestion: 'Use the tokens that you have, or issue tokens that expire earlier.',
  });
