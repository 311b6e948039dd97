import type { Server } from 'node:http';
import { takeFirst } from './take-first.js';

/** Makes slashes below the prefixes part of the one parameter that is there, as clients send ids that insert them as they are. */
export function takeSlashesAsParameter(server: Server, prefixes: readonly string[]): void {
  takeFirst(server, (request) => {
    if (request.url !== undefined) request.url = withOneParameter(request.url, prefixes);
    return false;
  });
}

/** The target of a request, with the slashes behind the prefix and its own slash encoded. @param prefixes without a slash at the end */
export function withOneParameter(target: string, prefixes: readonly string[]): string {
  const prefix = prefixes.find((each) => target.startsWith(each) && target[each.length] === '/');
  if (prefix === undefined) return target;
  const from = prefix.length + 1;
  const query = target.indexOf('?', from);
  const to = query === -1 ? target.length : query;
  return target.slice(0, from) + target.slice(from, to).replaceAll('/', '%2F') + target.slice(to);
}
