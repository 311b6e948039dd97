import { describe, expect, it } from 'vitest';
import { dataplaneStream } from './dataplane-stream.js';
import { datasourcesStream } from './datasources-stream.js';
import { gatewayStream } from './gateway-stream.js';
import { readersEntries, readersStream } from './readers-stream.js';
import { registryStream } from './registry-stream.js';
import type { StreamDefinition } from './stream-definition.js';

const streams: StreamDefinition[] = [
  gatewayStream,
  registryStream,
  dataplaneStream,
  datasourcesStream,
  readersStream(0),
  readersStream(1),
];

describe('the declared streams', () => {
  it('have different names, and different prefixes within each stream', () => {
    const names = streams.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { entries } of streams) {
      const prefixes = Object.values(entries).map(({ prefix }) => prefix);
      expect(new Set(prefixes).size).toBe(prefixes.length);
      expect(prefixes.filter((prefix) => prefix.includes('/'))).toEqual([]);
    }
  });

  it('keep the keys that owners and replicas of other releases use', () => {
    const { service, project, connection, package: pkg, loadError } = registryStream.entries;
    const { dataplane, restart, operation } = dataplaneStream.entries;
    expect([
      gatewayStream.entries.key.key('key_1'),
      gatewayStream.entries.account.key('default'),
      gatewayStream.entries.tier.key('standard'),
      gatewayStream.entries.notice.key('notice_1'),
      gatewayStream.entries.session.key('session_1'),
      gatewayStream.entries.signingKey.key('k'),
      gatewayStream.entries.revokedToken.key('token_1'),
      readersEntries.reader.key('llama/0'),
      readersEntries.settings.key(),
      service.key(),
      project.key('p'),
      connection.key('p', 'c'),
      pkg.key('p', 'k'),
      loadError.key({}),
      loadError.key({ project: 'p' }),
      loadError.key({ project: 'p', package: 'k' }),
      loadError.key({ project: 'p', connection: 'c' }),
      dataplane.key('main'),
      restart.key('r'),
      operation.key('o'),
      datasourcesStream.entries.service.key(),
      datasourcesStream.entries.datasource.key('ds_1'),
    ]).toEqual([
      'key/key_1',
      'account/default',
      'tier/standard',
      'notice/notice_1',
      'session/session_1',
      'signing-key/k',
      'revoked-token/token_1',
      'reader/llama/0',
      'settings',
      'service',
      'project/p',
      'connection/p/c',
      'package/p/k',
      'load-error',
      'load-error/p',
      'load-error/p/package/k',
      'load-error/p/connection/c',
      'dataplane/main',
      'restart/r',
      'operation/o',
      'service',
      'datasource/ds_1',
    ]);
  });
});
