import { isMembers, type JsonValue, type Members } from '../json.js';

/** The members that are credentials, by the object they stand in. */
const SECRET_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  postgresConnection: ['password', 'connectionString'],
  mysqlConnection: ['password'],
  bigqueryConnection: ['serviceAccountKeyJson'],
  snowflakeConnection: ['password', 'privateKey', 'privateKeyPass'],
  trinoConnection: ['password', 'peakaKey'],
  motherduckConnection: ['accessToken'],
  gcsConnection: ['secret'],
  s3Connection: ['secretAccessKey', 'sessionToken'],
};

/** What of a connection string's parameters is no secret and worth showing. */
const SHOWN_PARAMETERS = new Set(['sslmode', 'application_name', 'connect_timeout', 'target_session_attrs']);

export interface SplitConnection {
  /** As it is shown: without credentials; of a connection string what is left without them. */
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

/**
 * A connection with what a PATCH says: members that are left out stay, and so does a credential where the body shows only what
 * was shown of it. Attached databases are those of the body; each keeps what it had under its name.
 */
export function mergeConnection(stored: Members, patch: Members): Members {
  const merged: Members = { ...stored, ...patch };
  for (const member of Object.keys(merged).filter((name) => name.endsWith('Connection'))) {
    const [before, after] = [stored[member], patch[member]];
    if (isMembers(before) && isMembers(after))
      merged[member] = member === 'duckdbConnection' ? mergeDuckdb(before, after) : mergeConfig(before, after);
  }
  return merged;
}

/** A Postgres URL without user, password and whatever else may be secret; undefined where it is no such URL. */
export function shownConnectionString(link: string): string | undefined {
  if (!/^postgres(ql)?:\/\//i.test(link) || !URL.canParse(link)) return undefined;
  const url = new URL(link);
  // A slash that was not encoded ends the host early, and user or password stand in what is taken for the path or the host.
  if (url.host === '' || url.pathname.indexOf('/', 1) !== -1 || /[@:]|%(?:40|3a)/i.test(url.pathname)) return undefined;
  url.username = '';
  url.password = '';
  url.hash = '';
  const hidden = Array.from(url.searchParams.keys()).filter((name) => !SHOWN_PARAMETERS.has(name));
  for (const name of hidden) url.searchParams.delete(name);
  return url.href;
}

function mergeConfig(before: Members, after: Members): Members {
  const merged = { ...before, ...after };
  const { connectionString: link } = before;
  // What was read and is sent back is not what was stored.
  if (typeof link === 'string' && after['connectionString'] === shownConnectionString(link))
    merged['connectionString'] = link;
  return merged;
}

function mergeDuckdb(before: Members, after: Members): Members {
  const had = listOf(before['attachedDatabases']);
  if (!Array.isArray(after['attachedDatabases'])) return { ...before, ...after };
  const attachedDatabases = after['attachedDatabases'].map((database) => {
    const same =
      isMembers(database) && had.find(({ name, type }) => name === database['name'] && type === database['type']);
    return same ? mergeConnection(same, database) : database;
  });
  return { ...before, ...after, attachedDatabases };
}

/** Runs `change` over each object of settings in a connection: its own, and those of the databases attached to it. */
function mapConfigs(full: Members, change: (config: Members, place: string) => Members, within = ''): Members {
  const mapped: Members = {};
  for (const [name, value] of Object.entries(full)) {
    if (name === 'duckdbConnection' && isMembers(value)) {
      const databases = value['attachedDatabases'];
      mapped[name] = Array.isArray(databases)
        ? {
            ...value,
            attachedDatabases: databases.map((each) =>
              isMembers(each) ? mapConfigs(withoutAttributes(each), change, `${each['name'] as string}/`) : each,
            ),
          }
        : value;
    } else mapped[name] = isMembers(value) && name in SECRET_MEMBERS ? change(value, `${within}${name}`) : value;
  }
  return mapped;
}

/** They are ours to tell, whatever a client sends along. */
function withoutAttributes(database: Members): Members {
  const { attributes: _, ...rest } = database;
  return rest;
}

const listOf = (value: JsonValue | undefined): Members[] => (Array.isArray(value) ? value.filter(isMembers) : []);
