import {
  dataplaneStream,
  type DataplaneEntry,
  type OperationEntry,
  type RestartEntry,
} from '@signalbox/contracts/streams';
import type { Query } from '@signalbox/persistence';

type Entry = readonly [key: string, value: NonNullable<unknown>];

/** The whole content of the stream. */
export async function loadDataplanes(query: Query): Promise<Entry[]> {
  const dataplanes = await query<{ entry: DataplaneEntry }>('SELECT entry FROM dataplane');
  const restarts = await query<{ entry: RestartEntry }>('SELECT entry FROM restart WHERE in_stream');
  const operations = await query<{ entry: OperationEntry }>('SELECT entry FROM operation WHERE in_stream');
  return [
    ...dataplanes.map(({ entry }) => [dataplaneStream.entries.dataplane.key(entry.name), entry] as const),
    ...restarts.map(({ entry }) => [dataplaneStream.entries.restart.key(entry.id), entry] as const),
    ...operations.map(({ entry }) => [dataplaneStream.entries.operation.key(entry.id), entry] as const),
  ];
}
