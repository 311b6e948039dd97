import { openDatabase, type Database } from '@signalbox/persistence';
import { createLogger } from '@signalbox/platform';
import { entities, migrations } from '../../src/database/data-source.js';

/** The schema of the service in a database of the tests. */
export const openReaderDatabase = (url: string, poolSize = 5): Promise<Database> =>
  openDatabase({
    url,
    schema: 'reader_heartbeat',
    entities,
    migrations,
    applicationName: 'test',
    logger: createLogger({ name: 'test', level: 'silent' }),
    poolSize,
  });
