import { ApiError } from '../http/errors/api-error.js';

export const accountNotFound = (id: string): ApiError =>
  new ApiError({ status: 404, code: 'account_not_found', detail: `There is no account ${id}.` });
