import { ApiError, type FieldProblem } from './api-error.js';

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined;
}

/** The answer to input that its schema refuses: every problem at once, each with where it is. */
export function invalidRequest(issues: readonly Issue[]): ApiError {
  const fields: FieldProblem[] = issues.slice(0, 20).map(({ path = [], message }) => ({
    path: path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.'),
    message,
  }));
  const detail = fields.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  return new ApiError({ status: 400, code: 'invalid_request', detail, fields });
}

/** The answer to a body with a member that cannot be: `expires_at is in the past.` */
export const invalidMember = (path: string, message: string): ApiError =>
  new ApiError({ status: 400, code: 'invalid_request', detail: `${path} ${message}.`, fields: [{ path, message }] });

/** The answer to an address with a NUL character, which Postgres has in no text: it would fail each query. */
export const nulInAddress = (): ApiError =>
  new ApiError({
    status: 400,
    code: 'invalid_request',
    detail: 'The address contains %00, a NUL character. No id, name or value has one.',
    suggestion: 'Leave it out.',
  });
