import type { DatasourceEntry } from '@signalbox/contracts/streams';
import { describe, expect, it } from 'vitest';
import { presentDatasource } from './datasource.presenter.js';

const direct = (over: object): DatasourceEntry =>
  ({
    id: 'ds_1',
    status: 'active',
    livemode: true,
    metadata: {},
    created_at: 1_999,
    direct: { host: 'db.example.com', port: 5_432, database: 'shop', schema: 'public', user: 'u', ...over },
    endpoint: null,
  }) as unknown as DatasourceEntry;

describe('presentDatasource', () => {
  it.each([
    [{}, 'db.example.com'],
    [{ port: 6_432 }, 'db.example.com:6432'],
    [{ host: '::1' }, '[::1]'],
    [{ host: '::1', port: 6_432 }, '[::1]:6432'],
  ])('shows the port of %j only where it is not that of Postgres', (over, host) => {
    expect(presentDatasource(direct(over))).toMatchObject({ host, display_name: `shop on ${host}`, created: 1 });
  });

  it('shows no user of a database', () => {
    expect(JSON.stringify(presentDatasource(direct({ user: 'canary' })))).not.toContain('canary');
  });
});
