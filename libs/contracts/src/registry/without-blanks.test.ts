import { describe, expect, it } from 'vitest';
import { connection } from './connection.js';
import { withoutBlanks } from './without-blanks.js';

describe('the body of a connection as a form sends it', () => {
  it('lacks what was left blank, also in the settings of an attached database', () => {
    const bucket = { accessKeyId: 'k', secretAccessKey: '', region: ' ' };
    expect(
      withoutBlanks({
        name: '',
        type: 'duckdb',
        duckdbConnection: { attachedDatabases: [{ name: 'lake', type: 's3', s3Connection: bucket }] },
      }),
    ).toEqual({
      type: 'duckdb',
      duckdbConnection: { attachedDatabases: [{ name: 'lake', type: 's3', s3Connection: { accessKeyId: 'k' } }] },
    });
  });

  it('may be nested as deeply as JSON can be', () => {
    const depth = 100_000;
    const body = JSON.parse(`{"a":${'{"a":'.repeat(depth)}""${'}'.repeat(depth)}}`) as never;
    expect(() => withoutBlanks(body)).not.toThrow();
  });

  it.each([
    ['5432', 5_432],
    [5_432, 5_432],
  ])('has the port %j', (port, expected) => {
    const parsed = connection.parse({ name: 'x', type: 'mysql', mysqlConnection: { host: 'h', port } });
    expect(parsed).toMatchObject({ mysqlConnection: { port: expected } });
  });

  it.each(['0', '65536', '5432x', ' 5432', '-1', '5e3', 0, 1.5, true, '9'.repeat(30)])(
    'cannot have the port %j',
    (port) => {
      const { error } = connection.safeParse({ name: 'x', type: 'mysql', mysqlConnection: { host: 'h', port } });
      expect(error?.issues).toMatchObject([
        { path: ['mysqlConnection', 'port'], message: 'must be a whole number from 1 to 65535' },
      ]);
    },
  );
});
