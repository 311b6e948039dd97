import type { KeyBroker } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logIn } from '../../support/key-client.js';
import { KeySystem } from '../../support/key-system.js';
import { ServiceInProcess } from '../../support/service-in-process.js';

/** One gateway answers the broker and closes nothing; another one closes, and the first one verifies with what it logs in. */
export function secondGatewayClosesConnections(broker: () => KeyBroker): void {
  describe('a second gateway', () => {
    let keys: KeySystem;
    let closing: ServiceInProcess | undefined;

    beforeAll(async () => {
      keys = await KeySystem.start(broker(), { SIGNALBOX_BROKER_MANAGEMENT_URL: '' });
    });
    afterAll(async () => {
      await closing?.stop();
      await keys?.close();
    });

    it('closes connections of a key that ended while no gateway closed them, and of one that ends later', async () => {
      expect(keys.system.service('gateway').output).toContain('SIGNALBOX_BROKER_MANAGEMENT_URL is not set');
      const reader = { kind: 'reader', readers: '*' };
      const [early, late] = [await keys.newKey(reader), await keys.newKey(reader)];
      const [earlyClient, lateClient] = [await keys.connectKey(early), await keys.connectKey(late)];
      await keys.revoke(early);
      await expect.poll(() => logIn(keys.broker.urlOfKey(early)), { timeout: 20_000 }).toMatch('ACCESS_REFUSED');
      expect(earlyClient.isOpen).toBe(true);

      closing = new ServiceInProcess('gateway', {
        ...keys.system.gatewayEnvironment(keys.environmentOf('gateway')),
        SIGNALBOX_BROKER_MANAGEMENT_URL: keys.broker.gatewayEnv.SIGNALBOX_BROKER_MANAGEMENT_URL,
      });
      expect(await earlyClient.closedByBroker).toMatch('CONNECTION_FORCED');
      expect(lateClient.isOpen).toBe(true);
      await keys.revoke(late);
      expect(await lateClient.closedByBroker).toMatch('CONNECTION_FORCED');
    });
  });
}
