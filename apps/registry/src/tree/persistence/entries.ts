import type {
  ConnectionEntry,
  LoadErrorEntry,
  Members,
  PackageEntry,
  ProjectEntry,
} from '@signalbox/contracts/streams';
import type { ConnectionRow, LoadErrorRow, PackageRow, ProjectRow } from './rows.js';

/** Rows as entries of the stream; null for a row without an entry. */

export const projectEntryOf = ({ name, location, readme, version }: ProjectRow): ProjectEntry => ({
  name,
  location,
  readme,
  version,
});

export const connectionEntryOf = ({
  project,
  name,
  type,
  config,
  isConfigured,
  version,
}: ConnectionRow): ConnectionEntry => ({
  project,
  name,
  type,
  config: config as Members,
  is_configured: isConfigured ?? false,
  version,
});

/** Null for a package that could not be loaded, which is not listed. */
export const packageEntryOf = (row: PackageRow): PackageEntry | null => (row.isLoaded ? shownPackage(row) : null);

export function shownPackage({
  project,
  name,
  location,
  description: found,
  ownDescription,
  readme,
  version,
}: PackageRow): PackageEntry {
  const description = ownDescription ?? found;
  return {
    project,
    name,
    ...(location !== null && { location }),
    ...(description !== null && { description }),
    ...(readme !== null && { readme }),
    version,
  };
}

export const loadErrorEntryOf = ({ project, package: pkg, connection, message, at }: LoadErrorRow): LoadErrorEntry => ({
  ...(project !== null && { project }),
  ...(pkg !== null && { package: pkg }),
  ...(connection !== null && { connection }),
  message,
  at: at.getTime(),
});
