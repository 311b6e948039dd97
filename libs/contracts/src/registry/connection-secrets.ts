import { isMembers, type JsonValue, type Members } from '../json.js';

/** The members that are credentials, by the object that contains them. */
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

/**
 * A connection after a PATCH. Settings that the body leaves out stay, and so does a credential of which the body contains only the
 * shown part; those that are null are removed. Attached databases are those of the body; each is merged with the stored one of its name.
 */
export function mergeConnection(stored: Members, patch: Members): Members {
  const merged: Members = { ...stored, ...patch };
  for (const member of Object.keys(merged).filter((name) => name.endsWith('Connection'))) {
    const [before, after] = [stored[member], patch[member]];
    if (after === null) delete merged[member];
    else if (isMembers(after))
      merged[member] = withoutNulls(mergeSettings(member, isMembers(before) ? before : {}, after));
  }
  return merged;
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

const mergeSettings = (member: string, before: Members, after: Members): Members =>
  member === 'duckdbConnection' ? mergeDuckdb(before, after) : mergeConfig(before, after);

const withoutNulls = (settings: Members): Members =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null));

function mergeConfig(before: Members, after: Members): Members {
  const merged = { ...before, ...after };
  const { connectionString: link } = before;
  // A client sent back the shown string, which is not the stored one.
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

/** Set by the registry: values of clients are ignored. */
function withoutAttributes(database: Members): Members {
  const { attributes: _, ...rest } = database;
  return rest;
}

const listOf = (value: JsonValue | undefined): Members[] => (Array.isArray(value) ? value.filter(isMembers) : []);
