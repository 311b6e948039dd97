import { isMembers, type Members } from '../json.js';
import { SECRET_MEMBERS } from './connection-members.js';

/** Runs `change` over each object of settings in a connection: its own, and those of the databases attached to it. */
export function mapConfigs(full: Members, change: (config: Members, place: string) => Members, within = ''): Members {
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
