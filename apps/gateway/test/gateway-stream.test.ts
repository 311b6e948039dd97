import { openDatabase, type Database } from '@signalbox/persistence';
import { collectLogs, testDatabase, type TestDatabase } from '@signalbox/testing';
import { askedBy, auditOf } from '@signalbox/contracts/messages';
import { gatewayStream } from '@signalbox/contracts/streams';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newKey } from '../src/access/new-key.js';
import { ApiKeyRepository } from '../src/access/persistence/api-key.repository.js';
import { loadGatewayStream } from '../src/access/persistence/load-gateway-stream.js';
import { tidyGatewayStream } from '../src/access/persistence/tidy-gateway-stream.js';
import { entities, migrations } from '../src/database/data-source.js';
import { TokenRepository } from '../src/tokens/persistence/token.repository.js';

const HOUR = 3_600_000;

describe("the gateways' stream in Postgres", () => {
  let server: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    server = await testDatabase();
    database = await openDatabase({
      url: server.url,
      schema: 'gateway',
      applicationName: 'gateway',
      entities,
      migrations,
      logger: collectLogs().logger,
      poolSize: 5,
    });
  });
  afterAll(async () => {
    await database?.close();
    await server?.remove();
  });

  const now = Date.now();
  const BY = askedBy.parse({ key_id: 'key', request_id: 'req_1', address: '127.0.0.1' });
  const AUDIT = auditOf(BY, { at: now, action: 'test', resource: 'test' });
  const addKey = async (name: string, expiresAt: Date | null): Promise<string> => {
    const rules = { name, role: 'member', kind: 'secret', mode: 'live', account: 'default' } as const;
    const { row } = newKey({
      ...rules,
      scopes: [],
      networks: [],
      readers: null,
      dataplane: null,
      createdAt: new Date(now),
      createdBy: null,
      expiresAt,
    });
    await new ApiKeyRepository(database).add(row, AUDIT, () => undefined);
    return row.id;
  };
  const addToken = async (keyId: string, id: string, expiresAt: Date, kid: string): Promise<void> => {
    const tokens = new TokenRepository(database);
    const rights = { name: 't', role: 'member' as const, scopes: [] };
    const row = { id, keyId, ...rights, createdAt: new Date(now), createdBy: keyId, expiresAt, revokedAt: null };
    await tokens.add(row, { kid, jwk: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' } }, AUDIT);
    await tokens.revoke(id, new Date(now), AUDIT);
  };
  const loaded = async (): Promise<string[]> =>
    (await loadGatewayStream((sql) => database.dataSource.query(sql)))
      .map(([key]) => key)
      .filter((key) => !/^(account|tier)\//.test(key))
      .toSorted();

  it('loses what has expired, and nothing else', async () => {
    const lasting = await addKey('lasting', null);
    const justOver = await addKey('just over', new Date(now - HOUR));
    const over = await addKey('over', new Date(now - 25 * HOUR));
    await addToken(lasting, 'token_valid', new Date(now + HOUR), 'kid_valid');
    await addToken(lasting, 'token_over', new Date(now - 2 * HOUR), 'kid_over');
    // A token of the next day needs its signing key for longer.
    await addToken(lasting, 'token_of_both', new Date(now + 24 * HOUR), 'kid_valid');
    const expected = [
      ...[lasting, justOver].map((id) => `key/${id}`).toSorted(),
      'revoked-token/token_of_both',
      'revoked-token/token_valid',
      'signing-key/kid_valid',
    ];
    expect(await loaded()).toEqual(expected);
    let removed: string[] = [];
    await database.streamTransaction(gatewayStream.name, async (transaction) => {
      await tidyGatewayStream(transaction);
      removed = transaction.changes().map(({ key, value }) => `${key} ${JSON.stringify(value)}`);
    });
    expect(removed).toEqual(['revoked-token/token_over null', 'signing-key/kid_over null', `key/${over} null`]);
    expect(await loaded()).toEqual(expected);
    const [needed] = await database.dataSource.query<{ needed_until: Date }[]>('SELECT needed_until FROM signing_key');
    expect(needed!.needed_until.getTime()).toBe(now + 24 * HOUR);
  });

  it('stores the last use of many keys at once, and never goes back', async () => {
    const keys = new ApiKeyRepository(database);
    const [one, two] = [await addKey('one', null), await addKey('two', null)];
    await keys.markUsed(
      new Map([
        [one, now],
        [two, now],
      ]),
    );
    await keys.markUsed(
      new Map([
        [two, now - 1_000],
        ['key_unknown', now],
        [one, now + 1_000],
      ]),
    );
    const used = async (id: string): Promise<number | undefined> => (await keys.find(id))?.lastUsedAt?.getTime();
    expect([await used(one), await used(two)]).toEqual([now + 1_000, now]);
  });
});
