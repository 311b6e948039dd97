import type { Server } from 'node:http';
import { takeFirst } from './take-first.js';

/**
 * One slash at the end of a path of more than a slash, before the query. Not that of `/docs/`: a browser resolves the links of the page from the
 * path that it knows, and is redirected.
 */
const TRAILING_SLASH = /^(?!\/docs\/(?:\?|$))(\/[^?#]*[^?#/])\/(?=\?|$)/;

/**
 * Makes a path with a slash at its end the path without it, for any method, as the originals of the documented APIs do. No redirect: some clients
 * would send a POST as a GET after it. It comes before all that reads the path, so that both spellings require the same and get the same.
 */
export function ignoreTrailingSlashes(server: Server): void {
  takeFirst(server, (request) => {
    if (request.url !== undefined) request.url = withoutTrailingSlash(request.url);
    return false;
  });
}

/** The target of a request, without a slash at the end of its path. */
export function withoutTrailingSlash(target: string): string {
  // Nearly every target ends with neither, and is not searched.
  if (!target.endsWith('/') && !target.includes('/?')) return target;
  return target.replace(TRAILING_SLASH, '$1');
}
