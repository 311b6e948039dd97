import { randomBytes } from 'node:crypto';
import { connection } from '@signalbox/contracts/http';
import { NotOpenable, Vault } from '@signalbox/platform';
import { describe, expect, it } from 'vitest';
import type { Config } from '../config.js';
import type { ConnectionRow, Plain } from '../tree/persistence/rows.js';
import { ConnectionVault } from './connection-vault.js';

const key = { id: 'k', key: randomBytes(32) };
const vault = new ConnectionVault({ SIGNALBOX_SECRET_KEYS: [key] } as unknown as Config);
const postgresConnection = { host: 'h', port: 5432, databaseName: 'd', userName: 'u', password: 'p' };
const FULL = { name: 'pg', type: 'postgres', postgresConnection };
const row: Plain<ConnectionRow> = { ...vault.toRow('shop', connection.parse(FULL)), version: 1 };
const { password: _, ...shown } = postgresConnection;
const withSettings = (settings: object): Partial<Plain<ConnectionRow>> => ({
  config: { postgresConnection: settings },
});

describe('stored credentials', () => {
  it('are opened for their connection and its target', () => {
    expect(vault.fromRow(row)).toEqual(FULL);
    expect(vault.fromRow({ ...row, ...withSettings({ ...shown, databaseName: 'e' }), version: 2 })).toMatchObject({
      postgresConnection: { databaseName: 'e', password: 'p' },
    });
    expect(vault.resealed(row)).toBeUndefined();
  });

  it.each<[string, Partial<Plain<ConnectionRow>>]>([
    ['project', { project: 'other' }],
    ['name', { name: 'other' }],
    ['type', { type: 'mysql' }],
    ['host', withSettings({ ...shown, host: 'other' })],
    ['port', withSettings({ ...shown, port: 5433 })],
    ['user', withSettings({ ...shown, userName: 'other' })],
    ['connection string', withSettings({ ...shown, connectionString: 'postgres://other/d' })],
  ])('are not opened for another %s', (_what, change) => {
    expect(() => vault.fromRow({ ...row, ...change })).toThrow(NotOpenable);
    expect(() => vault.resealed({ ...row, ...change })).toThrow(NotOpenable);
    expect(JSON.stringify(vault.openable({ ...row, ...change }))).not.toContain('password');
  });

  it('of an earlier release are opened to be sealed again, and for nothing else', () => {
    const secrets = JSON.stringify({ 'postgresConnection.password': 'p' });
    const earlier = { ...row, sealed: new Vault([key]).seal(secrets, 'connection shop/pg') };
    expect(() => vault.fromRow(earlier)).toThrow(NotOpenable);
    const resealed = vault.resealed(earlier);
    expect(resealed?.wasUnbound).toBe(true);
    expect(vault.fromRow({ ...row, sealed: resealed!.sealed })).toEqual(FULL);
    expect(() => vault.resealed({ ...earlier, name: 'other' })).toThrow(NotOpenable);
  });
});
