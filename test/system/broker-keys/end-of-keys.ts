import { eventually, type KeyBroker } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logIn, type KeyClient } from '../../support/key-client.js';
import { KeySystem, type BrokerKey } from '../../support/key-system.js';

const MOST = 4;
const FORCED = 'CONNECTION_FORCED';

export function connectionsEndWithKeys(broker: () => KeyBroker): void {
  describe('connections of API keys', () => {
    let keys: KeySystem;

    beforeAll(async () => {
      keys = await KeySystem.start(broker(), { SIGNALBOX_BROKER_CONNECTIONS_PER_KEY: String(MOST) });
    });
    afterAll(() => keys?.close());

    const becomesRefused = async (key: BrokerKey): Promise<void> => {
      // The broker keeps an answer for a second.
      await expect.poll(() => logIn(keys.broker.urlOfKey(key)), { timeout: 15_000 }).toMatch('ACCESS_REFUSED');
    };
    const openOf = (clients: readonly KeyClient[]): number => clients.filter(({ isOpen }) => isOpen).length;

    it.each([
      ['reader', { kind: 'reader', readers: '*' }],
      ['agent', { kind: 'agent', dataplane: 'main' }],
    ])('are closed when a key of kind %s is revoked, and no other one is opened', async (_, body) => {
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

    it('are bounded: those beyond the limit are closed, and no other one is admitted until one is gone', async () => {
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
}
