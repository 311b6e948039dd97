import type { Caller } from '../http/caller.js';
import { ApiError } from '../http/errors/api-error.js';

/** @throws ApiError 403 where the caller sent a token */
export function demandNoToken({ via }: Pick<Caller, 'via'>): void {
  if (via !== 'token') return;
  throw new ApiError({
    status: 403,
    code: 'key_required',
    detail: 'A token cannot make keys or tokens: a token that was stolen would never end.',
    suggestion: 'Send the request with the key.',
  });
}
