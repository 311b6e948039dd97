import type { ConnectionTestReply } from '@signalbox/contracts/messages';
import type { ConnectionEntry } from '@signalbox/contracts/streams';
import type { FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import type { RegistryClient } from './registry-client.js';
import { StoredConnectionTests } from './stored-connection-tests.js';

const OK: ConnectionTestReply = { status: 'ok', errorMessage: '' };
const request = {} as FastifyRequest;
const entry: ConnectionEntry = {
  project: 'p',
  name: 'c',
  type: 'duckdb',
  config: {},
  is_configured: false,
  version: 1,
};

describe('tests of stored connections', () => {
  it('are shared while they run by requests for the same version of the same connection', async () => {
    const asked: ((reply: ConnectionTestReply) => void)[] = [];
    const test = (): Promise<ConnectionTestReply> => new Promise((resolve) => asked.push(resolve));
    const tests = new StoredConnectionTests({ test } as unknown as RegistryClient);
    const both = [tests.run(entry, request), tests.run(entry, request)];
    void tests.run({ ...entry, version: 2 }, request);
    void tests.run({ ...entry, project: 'other' }, request);
    expect(asked).toHaveLength(3);
    asked[0]!(OK);
    expect(await Promise.all(both)).toEqual([OK, OK]);
    void tests.run(entry, request);
    expect(asked).toHaveLength(4);
  });

  it('are not shared after a failure', async () => {
    let count = 0;
    const test = (): Promise<ConnectionTestReply> =>
      ++count === 1 ? Promise.reject(new Error('no')) : Promise.resolve(OK);
    const tests = new StoredConnectionTests({ test } as unknown as RegistryClient);
    await expect(tests.run(entry, request)).rejects.toThrow('no');
    expect(await tests.run(entry, request)).toEqual(OK);
  });
});
