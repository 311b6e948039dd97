import { brokerSetup } from '@signalbox/contracts/rights';
import { startKeyBroker, type KeyBroker } from '@signalbox/testing';
import { afterAll, beforeAll, describe } from 'vitest';
import { connectionsEndWithKeys } from './broker-keys/end-of-keys.js';
import { keysMayDoTheirPart } from './broker-keys/rights.js';
import { secondGatewayClosesConnections } from './broker-keys/second-gateway.js';
import { servicesKnowKeys } from './broker-keys/senders.js';

/** One broker, whose start takes as long as what is tried at it. A gateway of each part answers it. */
describe('a broker at which API keys log in', () => {
  let broker: KeyBroker;

  beforeAll(async () => {
    broker = await startKeyBroker(brokerSetup());
  });
  afterAll(() => broker?.stop());

  keysMayDoTheirPart(() => broker);
  servicesKnowKeys(() => broker);
  connectionsEndWithKeys(() => broker);
  secondGatewayClosesConnections(() => broker);
});
