import { eventually } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { metricOf } from '../support/metric-of.js';
import { Registry, type RegistryInProcess } from '../support/registry.js';
import type { SystemInProcess } from '../support/system.js';

const CONNECTION = { name: 'c', type: 'mysql', mysqlConnection: { host: 'a', password: 'CANARY' } };

describe('the registry', () => {
  let system: SystemInProcess;
  let registry: RegistryInProcess;

  beforeEach(async () => {
    registry = await Registry.withGatewayInProcess();
    ({ system } = registry);
  });
  afterEach(() => registry.close());

  const write = (method: string, path: string, body?: unknown) =>
    system.send(method, `/api/v0${path}`, body).then(({ status }) => status);

  /** As the metrics of the registry count them. */
  const failedConnections = async (): Promise<number> => {
    const { managementPort } = await system.service('registry').ready;
    return metricOf(managementPort, 'signalbox_registry_resources', { kind: 'connection', state: 'failed' });
  };

  it('refuses writes and answers reads while it drains', async () => {
    await registry.start({ config: { projects: [{ name: 'p' }] }, env: { SIGNALBOX_DRAIN_MS: '3000' } });
    await registry.serving();
    const stopped = system.service('registry').stop();
    const draining = await eventually(async () => {
      const status = await registry.status();
      return status.operationalState === 'draining' ? status : undefined;
    });
    expect(draining).toMatchObject({ initialized: true, projects: [{ name: 'p' }] });
    expect(await write('POST', '/projects', { name: 'x' })).toBe(503);
    expect(await write('GET', '/projects/p')).toBe(200);
    await stopped;
    const last = await eventually(async () => {
      const status = await registry.status();
      return status.stale ? status : undefined;
    });
    expect(last).toMatchObject({ initialized: false, operationalState: 'draining' });
  });

  it('seals credentials again when its key is changed, and reports those it cannot open', async () => {
    await registry.start({
      config: {
        projects: [{ name: 'p', connections: [CONNECTION] }],
      },
    });
    await registry.serving();
    const old = registry.keys;
    await system.service('registry').stop();
    registry.newKeys();
    await registry.start({ env: { SIGNALBOX_SECRET_KEYS: `${registry.keys},${old}` } });
    expect(await registry.serving()).not.toHaveProperty('loadErrors');
    await system.service('registry').stop();
    await registry.start();
    expect(await registry.serving()).not.toHaveProperty('loadErrors');
    await system.service('registry').stop();
    registry.newKeys();
    await registry.start();
    expect(await registry.serving()).toMatchObject({
      loadErrors: [
        { project: 'p', connection: 'c', message: expect.stringContaining('SIGNALBOX_SECRET_KEYS') as unknown },
      ],
    });
    // A credential that is sent again is sealed by the current key, and its error is cleared.
    expect(await write('PATCH', '/projects/p/connections/c', { mysqlConnection: { host: 'h' } })).toBe(200);
    expect(await registry.status()).not.toHaveProperty('loadErrors');
  });

  it('clears the errors when the key is restored', async () => {
    await registry.start({
      config: {
        projects: [{ name: 'p', connections: [CONNECTION] }],
      },
    });
    await registry.serving();
    expect(await failedConnections()).toBe(0);
    const first = registry.keys;
    await system.service('registry').stop();
    registry.newKeys();
    await registry.start();
    expect((await registry.serving()).loadErrors).toHaveLength(1);
    expect(await failedConnections()).toBe(1);
    await system.service('registry').stop();
    await registry.start({ env: { SIGNALBOX_SECRET_KEYS: `${registry.keys},${first}` } });
    expect(await registry.serving()).not.toHaveProperty('loadErrors');
    expect(await failedConnections()).toBe(0);
  });
});
