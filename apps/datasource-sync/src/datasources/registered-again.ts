import { isDeepStrictEqual } from 'node:util';
import { NotOpenable } from '@signalbox/platform';
import { standingColumns } from '../standing/standing-columns.js';
import { UNVERIFIED } from '../standing/standing.rules.js';
import { checkNow } from './datasource-changes.js';
import type { DatasourceRow, DirectSettings } from '../store/datasource.row.js';
import type { DirectCredentials, EndpointCredentials, SourceVault } from '../sources/source-vault.js';
import type { WantedSource } from '../sources/wanted-source.js';

interface Again {
  readonly source: WantedSource;
  readonly metadata: Record<string, string> | undefined;
  readonly now: Date;
  readonly vault: SourceVault;
}

/**
 * A datasource whose source is registered again. It keeps its id, its slot and what was read. Where settings or credentials differ it is
 * unverified until they are proven; a former signing key is not used any more.
 */
export function registeredAgain(row: DatasourceRow, { source, metadata, now, vault }: Again): DatasourceRow {
  const next: DatasourceRow = {
    ...row,
    metadata: metadata ?? row.metadata,
    version: row.version + 1,
    ...checkNow(now),
  };
  const settings =
    source.connection === 'direct'
      ? { ...source.settings, slot: (row.settings as DirectSettings).slot }
      : source.settings;
  if (isDeepStrictEqual(row.settings, settings) && isDeepStrictEqual(stored(row, vault), source.credentials))
    return next;
  return {
    ...next,
    settings,
    sealed: vault.seal({ ...row, settings }, source.credentials),
    assignment_version: row.assignment_version + 1,
    ...standingColumns(UNVERIFIED),
    check_failures: 0,
    findings: { state: 'unverified', failures: [], advisories: [] },
  };
}

/** Undefined for credentials that cannot be opened any more. */
function stored(row: DatasourceRow, vault: SourceVault): DirectCredentials | EndpointCredentials | undefined {
  try {
    return row.connection === 'direct' ? vault.direct(row) : vault.endpoint(row);
  } catch (error) {
    if (error instanceof NotOpenable) return undefined;
    throw error;
  }
}
