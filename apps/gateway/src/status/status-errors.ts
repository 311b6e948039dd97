import { ApiError } from '../http/errors/api-error.js';

/** The documented 500, in the words of the document. */
export const checkFailed = (cause: unknown): ApiError =>
  new ApiError({
    status: 500,
    code: 'internal_error',
    detail: 'Unable to retrieve system status',
    suggestion:
      'The API is experiencing temporary issues. Please try again in a few minutes or contact support if the problem persists.',
    cause,
  });
