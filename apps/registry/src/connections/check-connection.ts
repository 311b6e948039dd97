import { connection, connectionNeeds, connectionType, type Connection } from '@signalbox/contracts/http';
import { type Members } from '@signalbox/contracts/streams';
import { invalid, refused } from '../requests/refusal.js';

/** Validates the body of a connection. @throws RequestRefused that names all problems and no value */
export function checkConnection(body: Members): Connection {
  if (body['type'] === undefined)
    throw refused('bad_request', `The connection has no type; it is one of ${connectionType.options.join(', ')}.`);
  if (!connectionType.safeParse(body['type']).success) {
    throw invalid([{ path: 'type', message: `is none of ${connectionType.options.join(', ')}` }]);
  }
  const parsed = connection.safeParse(body, { error: ({ input }) => (input === undefined ? 'is needed' : undefined) });
  if (!parsed.success)
    throw invalid(parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })));
  const needs = connectionNeeds(parsed.data);
  if (needs.length > 0) throw invalid(needs);
  return parsed.data;
}
