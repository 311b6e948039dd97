import { datasourcesStream, type DatasourceService } from '@signalbox/contracts/streams';
import type { Query } from '@signalbox/persistence';
import type { DatasourceRow } from './datasource.row.js';
import { entryOf } from './entry.js';

type Entry = readonly [key: string, value: NonNullable<unknown>];

/** The whole content of the stream. */
export async function loadDatasources(query: Query): Promise<Entry[]> {
  const service = await query<DatasourceService>('SELECT public_key FROM service');
  const rows = await query<DatasourceRow>('SELECT * FROM datasource WHERE NOT is_deleting');
  return [
    ...service.map((entry) => [datasourcesStream.entries.service.key(), entry] as const),
    ...rows.map((row) => [datasourcesStream.entries.datasource.key(row.id), entryOf(row)] as const),
  ];
}
