import { ApiError } from '../http/errors/api-error.js';

/** The answer to a body whose member names something that does not exist. */
export function unknownReference(member: 'tier' | 'account', value: string): ApiError {
  const message = `There is no ${member} ${value}.`;
  return new ApiError({
    status: 400,
    code: 'invalid_request',
    detail: message,
    fields: [{ path: member, message }],
    suggestion: `GET /v1/${member}s lists those that exist.`,
  });
}
