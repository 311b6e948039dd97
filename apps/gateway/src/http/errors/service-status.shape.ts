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
    ...(error.fields !== undefined && { details: { errors: error.fields } }),
  });

function defaultSuggestion(status: number): string {
  if (status >= 500) return 'Try again later. If the error stays, send the request_id to the operator.';
  return 'Correct the request. /docs describes what is expected.';
}
