import { registryStream } from '@signalbox/contracts/streams';
import type { Database } from '@signalbox/persistence';
import { TreeTransaction } from './tree-transaction.js';

/** Changes the tree and the stream in one transaction that no request asked for. */
export async function changeTree(database: Database, work: (tree: TreeTransaction) => Promise<void>): Promise<void> {
  await database.streamTransaction(registryStream.name, (transaction) => work(new TreeTransaction(transaction)));
}
