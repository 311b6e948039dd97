import { streams } from '@signalbox/contracts/streams';
import { appendToStream, type Database } from '@signalbox/persistence';
import { TreeEdit } from './tree-edit.js';

/** Changes the tree and tells the gateways, in one transaction, where no request asks for it. */
export function editTree(database: Database, work: (edit: TreeEdit) => Promise<void>): Promise<void> {
  return database.transaction(async (manager) => {
    const edit = new TreeEdit(manager);
    await work(edit);
    const changes = edit.changes();
    if (changes.length > 0) await appendToStream(manager, streams.registry, changes);
  });
}
