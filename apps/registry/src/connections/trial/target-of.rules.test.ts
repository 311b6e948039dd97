import type { Connection } from '@signalbox/contracts/http';
import { describe, expect, it } from 'vitest';
import { targetOf } from './target-of.rules.js';

describe('the target of a connection test', () => {
  it.each([
    [{ type: 'postgres', postgresConnection: { host: 'db' } }, 'db:5432'],
    [{ type: 'postgres', postgresConnection: { connectionString: 'postgres://u:p@db:6000/shop' } }, 'db:6000'],
    [{ type: 'postgres', postgresConnection: { connectionString: 'host=db password=p' } }, 'the server of the'],
    [{ type: 'mysql', mysqlConnection: { host: 'db', port: 1, password: 'p' } }, 'db:1'],
    [{ type: 'trino', trinoConnection: { server: 'https://trino', port: 8_443 } }, 'https://trino:8443'],
    [{ type: 'duckdb' }, 'an attached database'],
  ])('of %j is %s', (connection, target) => {
    expect(targetOf({ name: 'x', ...connection } as Connection)).toContain(target);
  });
});
