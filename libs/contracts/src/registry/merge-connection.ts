import { isMembers, type JsonValue, type Members } from '../json.js';
import { SECRET_MEMBERS } from './connection-members.js';
import { shownConnectionString } from './connection-secrets.js';
import { isSameTarget } from './connection-targets.js';

export interface MergedConnection {
  readonly connection: Members;
  /** Places of stored credentials that the connection has no longer, because its target is another one: as in `SplitConnection`. */
  readonly dropped: readonly string[];
}

/**
 * A connection after a PATCH. Settings that the body leaves out stay, and so does a credential of which the body contains only the
 * shown part; those that are null are removed. Attached databases are those of the body; each is merged with the stored one of its name.
 * Where the target changes, stored credentials do not stay: who may change a connection may not see them, also not at another server.
 */
export function mergeConnection(stored: Members, patch: Members): MergedConnection {
  const dropped: string[] = [];
  return { connection: merge(stored, patch, { within: '', dropped }), dropped };
}

interface Merging {
  /** Precedes the places of the settings: the name of an attached database and a slash. */
  readonly within: string;
  /** Gets the places of what is dropped. */
  readonly dropped: string[];
}

function merge(stored: Members, patch: Members, merging: Merging): Members {
  const merged: Members = { ...stored, ...patch };
  for (const member of Object.keys(merged).filter((name) => name.endsWith('Connection'))) {
    const [before, after] = [stored[member], patch[member]];
    if (after === null) delete merged[member];
    else if (isMembers(after))
      merged[member] = withoutNulls(mergeSettings(member, { before: isMembers(before) ? before : {}, after }, merging));
  }
  return merged;
}

interface Change {
  readonly before: Members;
  readonly after: Members;
}

const mergeSettings = (member: string, change: Change, merging: Merging): Members =>
  member === 'duckdbConnection' ? mergeDuckdb(change, merging) : mergeConfig(member, change, merging);

const withoutNulls = (settings: Members): Members =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null));

function mergeConfig(member: string, { before, after }: Change, { within, dropped }: Merging): Members {
  const given = withoutShownString(before, after);
  const merged = { ...before, ...given };
  if (isSameTarget(member, before, merged)) return merged;
  for (const name of SECRET_MEMBERS[member] ?? []) {
    if (name in given || before[name] === undefined) continue;
    delete merged[name];
    dropped.push(`${within}${member}.${name}`);
  }
  return merged;
}

/** A client sent back the shown string, which is not the stored one, and so has given none. */
function withoutShownString(before: Members, after: Members): Members {
  const { connectionString: link } = before;
  if (typeof link !== 'string' || after['connectionString'] !== shownConnectionString(link)) return after;
  const { connectionString: _, ...given } = after;
  return given;
}

function mergeDuckdb({ before, after }: Change, { dropped }: Merging): Members {
  const had = listOf(before['attachedDatabases']);
  if (!Array.isArray(after['attachedDatabases'])) return { ...before, ...after };
  const attachedDatabases = after['attachedDatabases'].map((database) => {
    const same =
      isMembers(database) && had.find(({ name, type }) => name === database['name'] && type === database['type']);
    return same ? merge(same, database, { within: `${same['name'] as string}/`, dropped }) : database;
  });
  return { ...before, ...after, attachedDatabases };
}

const listOf = (value: JsonValue | undefined): Members[] => (Array.isArray(value) ? value.filter(isMembers) : []);
