import { isDeepStrictEqual } from 'node:util';
import {
  connectionToTest,
  shownConnectionString,
  splitConnection,
  withoutBlanks,
  type ConnectionToTest,
} from '@signalbox/contracts/http';
import { isMembers, type ConnectionEntry, type Members } from '@signalbox/contracts/streams';

/** `resource` of a connection. */
const RESOURCE = /^\/api\/v0\/projects\/(?<project>[^/]+)\/connections\/(?<name>[^/]+)$/;

interface WantedConnection {
  readonly name: string;
  /** Undefined: in any project. */
  readonly project: string | undefined;
}

/**
 * The stored connection that the body of a test names, by `resource`, by `project` and `name`, or by `name` alone: clients send back a
 * connection as they read it, which may have no `resource`. Undefined unless the body has no credential and every setting as it is shown.
 * @param stored connections with this name, by project
 */
export function namedConnection(
  body: unknown,
  stored: (name: string) => readonly ConnectionEntry[],
): ConnectionEntry | undefined {
  if (!isMembers(body)) return undefined;
  const { data } = connectionToTest.safeParse(withoutBlanks(body));
  if (data === undefined) return undefined;
  const [wanted, shown] = [wantedOf(data), shownSettings(data)];
  if (wanted === undefined || shown === undefined) return undefined;
  return stored(wanted.name).find(
    ({ project, type, config }) =>
      (wanted.project ?? project) === project && type === data.type && isDeepStrictEqual(config, shown),
  );
}

/** Undefined where it names none, or two. */
function wantedOf({ resource, project, name }: ConnectionToTest): WantedConnection | undefined {
  if (resource === undefined) return name === undefined ? undefined : { name, project };
  const path = RESOURCE.exec(resource)?.groups;
  if (path?.['name'] === undefined || path['project'] === undefined) return undefined;
  const wanted = { name: path['name'], project: path['project'] };
  return (name ?? wanted.name) === wanted.name && (project ?? wanted.project) === wanted.project ? wanted : undefined;
}

/** The settings of a body without any credential; undefined where it has one. */
function shownSettings(data: ConnectionToTest): Members | undefined {
  const settings = Object.entries(data).filter(([member]) => member.endsWith('Connection'));
  const { shown, secrets } = splitConnection(Object.fromEntries(settings) as Members);
  const hasCredential = Object.entries(secrets).some(
    ([place, secret]) => !place.endsWith('.connectionString') || shownConnectionString(secret) !== secret,
  );
  return hasCredential ? undefined : shown;
}
