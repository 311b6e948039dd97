import { withoutBlanks } from '@signalbox/contracts/http';
import type { RegistryReply } from '@signalbox/contracts/messages';
import { type JsonValue, type Members } from '@signalbox/contracts/streams';
import { changedConnection, type ChangedConnection } from '../connections/changed-connection.js';
import { checkConnection } from '../connections/check-connection.js';
import type { ConnectionVault } from '../connections/connection-vault.js';
import { droppedOf } from '../connections/dropped-credentials.js';
import { invalid, refused } from '../requests/refusal.js';
import { nameOf } from '../requests/resource-name.js';
import type { TreeTransaction } from '../tree/tree-transaction.js';

export interface ConnectionsOfProject {
  readonly project: string;
  /** The member `connections` of a project's body. */
  readonly wanted: JsonValue;
}

/**
 * Replaces the connections of a project by those of its body. A connection that is not in the body is removed; the others are merged
 * by name, so that a client that sends back what it read loses nothing.
 * @returns the credentials that were dropped, since the target of their connection is another one
 * @throws RequestRefused: bad_name, bad_request, invalid_value
 */
export async function putConnections(
  tree: TreeTransaction,
  vault: ConnectionVault,
  { project, wanted }: ConnectionsOfProject,
): Promise<Pick<RegistryReply, 'credentials_dropped'>> {
  if (!Array.isArray(wanted)) throw invalid([{ path: 'connections', message: 'must be an array' }]);
  const before = new Map((await tree.connectionsOf(project)).map((row) => [row.name, row]));
  const names = new Set<string>();
  const dropped = new Map<string, readonly string[]>();
  for (const body of wanted) {
    const name = nameOf((body as Members | null)?.['name'], 'connection');
    if (names.has(name)) throw refused('bad_request', `The connection ${name} stands in the body twice.`);
    names.add(name);
    const row = before.get(name);
    const patch = withoutBlanks(body as Members);
    const isSame = row !== undefined && (patch['type'] === undefined || patch['type'] === row.type);
    const changed: ChangedConnection = isSame
      ? changedConnection(vault, { row, patch })
      : { connection: checkConnection({ ...patch, name }), dropped: [] };
    dropped.set(name, changed.dropped);
    await tree.putConnection(vault.toRow(project, changed.connection, row?.isConfigured));
  }
  for (const row of before.values()) if (!names.has(row.name)) await tree.removeConnection(row);
  return droppedOf([...dropped].map(([connection, members]) => ({ connection, members })));
}
