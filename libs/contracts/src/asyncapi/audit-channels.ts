import { AUDIT_COMMAND, auditCommand } from '../messages/audit.js';
import { exchanges } from '../messages/exchanges.js';
import { by } from './examples.js';
import { message, type ChannelContract } from './message-contract.js';

/** From the services to the keeper of the audit trail. */
export const auditChannels: readonly ChannelContract[] = [
  {
    id: 'audit-entries',
    exchange: exchanges.audit,
    key: AUDIT_COMMAND,
    summary: 'Entries for the audit trail: changes of all services, and control actions that were not sent.',
    messages: [
      message({
        type: AUDIT_COMMAND,
        summary: 'An entry, published again until it is confirmed. One with the same request and action is the same.',
        schema: auditCommand,
        example: {
          ...by,
          at: 1_795_262_400_000,
          action: 'create-connection',
          resource: 'shop/orders',
          result: 'done',
          detail: {},
        },
      }),
    ],
    senders: ['gateway', 'registry', 'datasource-sync'],
    receivers: ['dataplane-control'],
    persistent: true,
    mandatory: true,
  },
];
