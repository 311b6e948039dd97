import { commonTopology, type TopologyContract } from '../messages/topology.js';
import { brokerPermissions, type BrokerPermissions } from './broker-permissions.js';
import type { BrokerUser } from './broker-users.js';

/** What a broker has for Signalbox before the first service connects. */
export interface BrokerSetup {
  readonly permissions: Readonly<Record<BrokerUser, BrokerPermissions>>;
  readonly topology: TopologyContract;
}

/** `topology`: what no service may declare, or more. */
export const brokerSetup = (topology: TopologyContract = commonTopology()): BrokerSetup => ({
  permissions: brokerPermissions(),
  topology,
});
