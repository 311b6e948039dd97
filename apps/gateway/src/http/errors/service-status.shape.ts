import type { ApiError } from './api-error.js';
import { jsonError, type ErrorShape } from './error-shape.js';

/** `{success: false, message, code, status_code, suggestion, request_id, details?}` */
export const serviceStatusShape: ErrorShape = (error, requestId) =>
  jsonError({
    success: false,
    message: error.message,
    code: error.code,
    status_code: error.status,
    suggestion: error.suggestion ?? defaultSuggestion(error.status),
    request_id: requestId,
    ...detailsOf(error),
  });

function detailsOf({ details, fields }: ApiError): { details?: object } {
  if (details === undefined && fields === undefined) return {};
  return { details: { ...details, ...(fields !== undefined && { errors: fields }) } };
}

function defaultSuggestion(status: number): string {
  if (status >= 500) return 'Try again later. If the error stays, send the request_id to the operator.';
  return 'Correct the request. /docs describes what is expected.';
}
