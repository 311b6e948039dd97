import { eventually } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logIn, type KeyClient } from '../support/key-client.js';
import { KeySystem, type BrokerKey } from '../support/key-system.js';
import { ServiceInProcess } from '../support/service-in-process.js';

const MOST = 4;
const FORCED = /CONNECTION_FORCED/;

describe('connections of API keys', () => {
  let keys: KeySystem;
  const others: ServiceInProcess[] = [];

  beforeAll(async () => {
    keys = await KeySystem.start({ SIGNALBOX_BROKER_CONNECTIONS_PER_KEY: String(MOST) });
  });
  afterAll(async () => {
    await Promise.all(others.map((gateway) => gateway.stop()));
    await keys?.close();
  });

  const becomesRefused = async (key: BrokerKey): Promise<void> => {
    // The broker keeps an answer for a second.
    await expect.poll(() => logIn(keys.broker.urlOfKey(key)), { timeout: 15_000 }).toMatch('ACCESS_REFUSED');
  };
  const openOf = (clients: readonly KeyClient[]): number => clients.filter(({ isOpen }) => isOpen).length;

  it.each([
    ['reader', { kind: 'reader', readers: '*' }],
    ['agent', { kind: 'agent', dataplane: 'main' }],
  ])('are closed when the key of a %s is revoked, and no other one is opened', async (_, body) => {
    const key = await keys.newKey(body);
    const clients = [await keys.connectKey(key), await keys.connectKey(key)];
    const another = await keys.connectKey(await keys.newKey(body));
    await keys.revoke(key);
    for (const { closedByBroker } of clients) expect(await closedByBroker).toMatch(FORCED);
    await becomesRefused(key);
    expect(another.isOpen).toBe(true);
  });

  it('that are opened by an answer which the broker still has are closed, too', async () => {
    const key = await keys.newKey({ kind: 'reader', readers: '*' });
    const first = await keys.connectKey(key);
    await keys.revoke(key);
    const late: KeyClient[] = [];
    // Until the broker asks again.
    await eventually(async () => {
      try {
        late.push(await keys.connectKey(key));
        return false;
      } catch {
        return true;
      }
    });
    for (const { closedByBroker } of [first, ...late]) expect(await closedByBroker).toMatch(FORCED);
  });

  it('are closed when the key expires', async () => {
    const expires_at = new Date(Date.now() + 4_000).toISOString();
    const key = await keys.newKey({ kind: 'agent', dataplane: 'main', expires_at });
    const client = await keys.connectKey(key);
    expect(await client.closedByBroker).toMatch(FORCED);
    await becomesRefused(key);
  });

  it('are closed after the start of a gateway that finds keys which ended while none closed them', async () => {
    const key = await keys.newKey({ kind: 'reader', readers: '*' });
    const client = await keys.connectKey(key);
    const withoutClosing = {
      ...keys.environmentOf('gateway'),
      SIGNALBOX_BROKER_AUTH_PORT: keys.broker.gatewayEnv.SIGNALBOX_BROKER_AUTH_PORT,
    };
    await keys.system.service('gateway').stop();
    await keys.system.startGateway(withoutClosing);
    await keys.revoke(key);
    await becomesRefused(key);
    expect(client.isOpen).toBe(true);

    // A gateway that does not answer the broker itself: the other one knows by the stream what this one has signed.
    const { SIGNALBOX_BROKER_MANAGEMENT_URL } = keys.broker.gatewayEnv;
    const other = new ServiceInProcess('gateway', {
      ...keys.system.gatewayEnvironment(keys.environmentOf('gateway')),
      SIGNALBOX_BROKER_MANAGEMENT_URL,
    });
    others.push(other);
    expect(await client.closedByBroker).toMatch(FORCED);
    const next = await keys.newKey({ kind: 'reader', readers: '*' });
    const nextClient = await keys.connectKey(next);
    await keys.revoke(next);
    expect(await nextClient.closedByBroker).toMatch(FORCED);
  });

  it('are bounded: those beyond the limit are closed, and no other one is admitted until one is gone', async () => {
    await Promise.all(others.map((gateway) => gateway.stop()));
    await keys.system.service('gateway').stop();
    await keys.system.startGateway({
      ...keys.environmentOf('gateway'),
      ...keys.broker.gatewayEnv,
      SIGNALBOX_BROKER_CONNECTIONS_PER_KEY: String(MOST),
    });
    const key = await keys.newKey({ kind: 'reader', readers: '*' });
    const url = keys.broker.urlOfKey(key);
    const clients = await Promise.all(Array.from({ length: 3 * MOST }, () => keys.connect(url)));
    await expect.poll(() => openOf(clients), { timeout: 20_000 }).toBe(MOST);
    expect(await logIn(url)).not.toBe('in');
    await clients.find(({ isOpen }) => isOpen)!.close();
    await expect.poll(() => logIn(url), { timeout: 20_000, interval: 500 }).toBe('in');
    expect(openOf(clients)).toBe(MOST - 1);
  });
});
