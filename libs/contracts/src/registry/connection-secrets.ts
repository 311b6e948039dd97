import type { Members } from '../json.js';
import { SECRET_MEMBERS } from './connection-members.js';
import { mapConfigs } from './map-configs.js';

/** Parameters of a connection string that are shown because they are no secret. */
const SHOWN_PARAMETERS = new Set(['sslmode', 'application_name', 'connect_timeout', 'target_session_attrs']);

export interface SplitConnection {
  /** The connection without credentials; a connection string without its secret parts. */
  readonly shown: Members;
  /** Each credential by its place, for example `postgresConnection.password` or `lake/s3Connection.secretAccessKey`. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Takes the credentials out of a connection. */
export function splitConnection(full: Members): SplitConnection {
  const secrets: Record<string, string> = {};
  const shown = mapConfigs(full, (config, place) => {
    const member = place.split('/').at(-1) ?? '';
    const rest: Members = {};
    for (const [name, value] of Object.entries(config)) {
      if (!SECRET_MEMBERS[member]?.includes(name)) rest[name] = value;
      else if (typeof value === 'string') secrets[`${place}.${name}`] = value;
    }
    const link = secrets[`${place}.connectionString`];
    const safe = link === undefined ? undefined : shownConnectionString(link);
    return { ...rest, ...(safe !== undefined && { connectionString: safe }) };
  });
  return { shown, secrets };
}

/** Puts the credentials back into a connection: the inverse of `splitConnection`. */
export function joinConnection({ shown, secrets }: SplitConnection): Members {
  return mapConfigs(shown, (config, place) => {
    const { connectionString: _, ...rest } = config;
    const own = Object.entries(secrets).filter(([at]) => at.startsWith(`${place}.`));
    return { ...rest, ...Object.fromEntries(own.map(([at, value]) => [at.slice(place.length + 1), value])) };
  });
}

/** A Postgres URL without user, password and other parts that may be secret; undefined where it is not such a URL. */
export function shownConnectionString(link: string): string | undefined {
  if (!/^postgres(ql)?:\/\//i.test(link) || !URL.canParse(link)) return undefined;
  const url = new URL(link);
  // With a slash that is not encoded, the host ends early, and a part of user or password would be taken for the host or the path.
  if (url.host === '' || url.pathname.indexOf('/', 1) !== -1 || /[@:]|%(?:40|3a)/i.test(url.pathname)) return undefined;
  url.username = '';
  url.password = '';
  url.hash = '';
  const hidden = Array.from(url.searchParams.keys()).filter((name) => !SHOWN_PARAMETERS.has(name));
  for (const name of hidden) url.searchParams.delete(name);
  return url.href;
}
