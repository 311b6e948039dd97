import { datasourcesStream } from '@signalbox/contracts/streams';
import type { Database } from '@signalbox/persistence';
import type { Leases } from '../leases/leases.js';
import { DatasourceTransaction } from '../store/datasource-transaction.js';
import type { DatasourceRow } from '../store/datasource.row.js';

/** Removes the row of a deleted datasource that this process holds, and ends what is done for it. */
export async function removeDeleted(
  { id, fence }: Pick<DatasourceRow, 'id' | 'fence'>,
  database: Database,
  leases: Leases,
): Promise<void> {
  await database.streamTransaction(datasourcesStream.name, async (stream) => {
    const transaction = new DatasourceTransaction(stream);
    const [row] = await transaction.take([id]);
    if (row !== undefined && row.is_deleting && row.fence === fence) await transaction.remove(row);
  });
  leases.forget(id);
}
