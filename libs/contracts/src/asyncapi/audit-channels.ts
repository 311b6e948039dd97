import { AUDIT_COMMAND, auditCommand } from '../messages/audit.js';
import { exchanges } from '../messages/exchanges.js';
import { by } from './examples.js';
import { message, type ChannelContract } from './message-contract.js';

/** From the services to the journal, which keeps the audit trail. */
export const auditChannels: readonly ChannelContract[] = [
  {
    id: 'audit-entries',
    exchange: exchanges.audit,
    key: AUDIT_COMMAND,
    summary:
      'Entries for the audit trail: changes of all services, what was refused, and control actions that were not sent.',
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
          route: null,
          detail: {},
        },
      }),
    ],
    senders: ['gateway', 'registry', 'dataplane-control', 'datasource-sync'],
    receivers: ['journal'],
    persistent: true,
    mandatory: true,
  },
];
