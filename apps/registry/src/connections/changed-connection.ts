import { mergeConnection, type Connection } from '@signalbox/contracts/http';
import type { Members } from '@signalbox/contracts/streams';
import { RequestRefused } from '@signalbox/messaging';
import { refused } from '../requests/refusal.js';
import type { ConnectionRow, Plain } from '../tree/persistence/rows.js';
import { checkConnection } from './check-connection.js';
import type { ConnectionVault } from './connection-vault.js';

export interface ChangedConnection {
  readonly connection: Connection;
  /** Stored credentials that it has no longer, by their place: they were given for another target. */
  readonly dropped: readonly string[];
}

/** A stored connection after a PATCH. @throws RequestRefused: bad_request, invalid_value */
export function changedConnection(
  vault: ConnectionVault,
  { row, patch }: { readonly row: Plain<ConnectionRow>; readonly patch: Members },
): ChangedConnection {
  const { connection, dropped } = mergeConnection(vault.openable(row), patch);
  try {
    return { connection: checkConnection({ ...connection, name: row.name }), dropped };
  } catch (error) {
    if (!(error instanceof RequestRefused) || dropped.length === 0) throw error;
    throw refused(
      'invalid_value',
      `${error.message}. What is stored was given for another target (${dropped.join(', ')}): send it with this change.`,
    );
  }
}
