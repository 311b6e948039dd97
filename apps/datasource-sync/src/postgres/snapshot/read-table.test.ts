import type { Client, Query } from 'pg';
import { describe, expect, it } from 'vitest';
import type { PublishedTable } from './published-tables.js';
import { TableReader } from './read-table.js';

const table: PublishedTable = {
  oid: '16400',
  member: '1:0',
  name: 'orders',
  quoted: '"public"."orders"',
  isFull: false,
  isPartitioned: false,
  columns: [{ name: 'id', oid: 23, type: undefined }],
  key: ['id'],
  keyIsAt: [0],
  filter: null,
  estimate: null,
};

/** A server that has the same page of rows after every key. */
const client = {
  query: (query: Query<string[]>) => {
    for (let id = 1; id <= 1_000; id++) query.emit('row', [String(id)]);
    query.emit('end');
  },
} as unknown as Client;

describe('the reading of a table', () => {
  it('ends where a server gives the same rows for ever', async () => {
    const reader = new TableReader(table, {
      datasource: 'ds_1',
      schema: 'public',
      generation: 1,
      lsn: '0/1',
      attempt: 1,
    });
    const last = await reader.page(client, null, () => undefined);
    expect(last).toEqual(['1000']);
    await expect(reader.page(client, last, () => undefined)).rejects.toMatchObject({
      kind: 'blocked',
      code: 'key_not_ordered',
    });
  });
});
