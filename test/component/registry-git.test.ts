import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { eventually } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GitServer } from '../support/git-server.js';
import { Registry, type RegistryInProcess } from '../support/registry.js';
import type { SystemInProcess } from '../support/system.js';

const manifest = (description: string): string => JSON.stringify({ name: 'p', description });

describe('packages from git', () => {
  let system: SystemInProcess;
  let registry: RegistryInProcess;
  let git: GitServer;

  beforeAll(async () => {
    git = await GitServer.start();
    git.commit('models', {
      'publisher.json': manifest('at the top'),
      'README.md': '# Top',
      'deep/er/publisher.json': manifest('deeper'),
    });
    git.commit('models', { 'publisher.json': manifest('on a branch') }, { branch: 'next' });
    git.commit(
      'linked',
      { 'other.json': '{}' },
      { links: { 'publisher.json': '/etc/passwd', 'README.md': '../../../../etc/hostname' } },
    );
    git.commit('empty', { 'nothing.txt': '' });
    git.bare('bare');
    registry = await Registry.withGatewayInProcess();
    ({ system } = registry);
    await registry.start({
      config: { projects: [{ name: 'p', packages: [{ name: 'top', location: git.urlOf('models') }] }] },
      env: { SIGNALBOX_ALLOW_LOOPBACK_TARGETS: 'true' },
    });
    await registry.serving();
  });
  afterAll(async () => {
    await registry.close();
    git.close();
  });

  const put = async (location: string): Promise<[number, Record<string, string>]> => {
    const response = await system.send('POST', '/api/v0/projects/p/packages', { name: 'k', location });
    return [response.status, (await response.json()) as Record<string, string>];
  };

  it('are loaded from a repository, a branch and a folder in it', async () => {
    expect(await registry.status()).toMatchObject({
      projects: [
        { packages: [{ name: 'top', description: 'at the top', readme: '# Top', location: git.urlOf('models') }] },
      ],
    });
    expect(await put(`${git.urlOf('models')}/tree/next`)).toMatchObject([200, { description: 'on a branch' }]);
    expect(await put(`${git.urlOf('models')}/tree/main/deep/er`)).toMatchObject([200, { description: 'deeper' }]);
  });

  it('are reloaded on request, and stay as they are when the reload fails', async () => {
    git.commit('moving', { 'publisher.json': manifest('before') });
    const show = async (query = ''): Promise<[number, unknown]> => {
      const response = await system.get(`/api/v0/projects/p/packages/moving${query}`);
      return [response.status, await response.json()];
    };
    await system.send('POST', '/api/v0/projects/p/packages', { name: 'moving', location: git.urlOf('moving') });
    git.commit('moving', { 'publisher.json': manifest('after') });
    expect(await show()).toMatchObject([200, { description: 'before' }]);
    expect(await show('?reload=true')).toMatchObject([200, { description: 'after' }]);
    expect(await show()).toMatchObject([200, { description: 'after' }]);
    git.commit('moving', { 'publisher.json': 'no JSON' });
    expect(await show('?reload=true')).toMatchObject([
      404,
      { message: expect.stringContaining('is not JSON') as unknown },
    ]);
    expect(await show()).toMatchObject([200, { description: 'after' }]);
    await system.send('DELETE', '/api/v0/projects/p/packages/moving');
  });

  it('block no other write while their host does not answer', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const location = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/models`;
    let answered = 0;
    // More than the registry loads at once for a caller, and more than it has connections to its database.
    const fetches = Array.from({ length: 12 }, async (_, n) => {
      const { status } = await system.send('POST', '/api/v0/projects/p/packages', { name: `silent-${n}`, location });
      answered += 1;
      return status;
    });
    await eventually(() => sockets.length >= 2);
    const other = await system.send('POST', '/api/v0/projects', { name: 'other' });
    expect({ status: other.status, answered }).toEqual({ status: 200, answered: 0 });
    silent.close();
    for (const socket of sockets) socket.destroy();
    expect(new Set(await Promise.all(fetches))).toEqual(new Set([404]));
  });

  it('leave no files behind', () => {
    expect(readdirSync(join(registry.folder, 'data'))).toEqual(['projects']);
  });

  it.each([
    ['/none', 'there is no repository'],
    ['/models/tree/none', 'has no branch none'],
    ['/models/tree/main/none', 'There is no publisher.json'],
    ['/models/tree/main/..%2F..', 'publisher.json'],
    ['/empty', 'There is no publisher.json'],
    ['/bare', 'has no commit'],
    ['/models/tree/main//deep', 'a folder that cannot be in a repository: /deep'],
  ])('%s: %s', async (path, message) => {
    expect(await put(`${git.urlOf('').slice(0, -1)}${path}`)).toEqual([
      404,
      { code: 404, message: expect.stringContaining(message) as unknown },
    ]);
  });

  it('are not read through a symbolic link', async () => {
    const [status, body] = await put(git.urlOf('linked'));
    expect(status).toBe(404);
    expect(JSON.stringify(body)).not.toContain(readFileSync('/etc/passwd', 'utf8').slice(0, 20));
  });

  it('are refused above the maximum size, fetched or unpacked', async () => {
    git.commit('large', { 'publisher.json': manifest('large'), 'data.bin': randomBytes(200_000).toString('hex') });
    expect((await put(git.urlOf('large')))[0]).toBe(200);
    await system.service('registry').stop();
    await registry.start({
      env: { SIGNALBOX_ALLOW_LOOPBACK_TARGETS: 'true', SIGNALBOX_REPOSITORY_MAX_BYTES: '100000' },
    });
    const { loadErrors } = await registry.serving();
    // The known package stays, with the error.
    expect(loadErrors).toMatchObject([
      { project: 'p', package: 'k', message: expect.stringContaining('more than') as unknown },
    ]);
    expect(await put(git.urlOf('large'))).toMatchObject([
      404,
      { message: expect.stringContaining('more than') as unknown },
    ]);
    // A few kilobytes packed, twenty megabytes unpacked.
    git.commit('bomb', { 'publisher.json': manifest('bomb'), 'zeros.bin': '0'.repeat(20_000_000) });
    expect(await put(git.urlOf('bomb'))).toMatchObject([
      404,
      { message: expect.stringContaining('unpacks to more than') as unknown },
    ]);
  });

  it.each([
    ['https://10.0.0.1/o/r', 'may not be connected to'],
    ['https://169.254.169.254/latest', 'may not be connected to'],
    ['http://example.org/o/r', 'must begin with https://'],
    ['git@github.com:o/r.git', 'over ssh'],
    ['ssh://git@github.com/o/r', 'https:// address'],
    ['file:///etc', 'https:// address'],
  ])('are not fetched from %s: %s', async (location, message) => {
    expect(await put(location)).toEqual([404, { code: 404, message: expect.stringContaining(message) as unknown }]);
  });
});
