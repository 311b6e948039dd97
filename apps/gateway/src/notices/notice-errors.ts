import { ApiError } from '../http/errors/api-error.js';

export const noticeNotFound = (id: string): ApiError =>
  new ApiError({ status: 404, code: 'notice_not_found', detail: `There is no notice ${id}.` });

export const noticeIsOver = (id: string): ApiError =>
  new ApiError({
    status: 409,
    code: 'notice_is_over',
    detail: `The notice ${id} is over and cannot be changed.`,
    suggestion: 'Schedule another one: POST /v1/notices.',
  });
