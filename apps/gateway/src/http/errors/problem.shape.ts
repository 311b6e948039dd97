import { PROBLEM_CONTENT_TYPE, problem } from '@signalbox/platform';
import type { ErrorShape } from './error-shape.js';

/** RFC 9457 problem details: the shape where no document prescribes another one. */
export const problemShape: ErrorShape = (error, requestId) => ({
  contentType: PROBLEM_CONTENT_TYPE,
  body: problem({
    status: error.status,
    code: error.code,
    detail: error.message,
    request_id: requestId,
    ...(error.suggestion !== undefined && { suggestion: error.suggestion }),
    ...(error.fields !== undefined && { errors: error.fields }),
    ...error.details,
  }),
});
