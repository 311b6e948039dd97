import { ApiError } from './api-error.js';

/** The answer to what an original of an API serves and Signalbox does not. @param why one sentence */
export const notServed = (why: string): ApiError =>
  new ApiError({
    status: 501,
    code: 'not_implemented',
    detail: why,
    suggestion: 'GET /openapi.json has the routes that are served.',
  });
