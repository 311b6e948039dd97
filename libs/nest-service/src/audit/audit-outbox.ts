import { AUDIT_CHANNEL, AUDIT_COMMAND, exchanges, type AuditCommand } from '@signalbox/contracts/messages';
import type { Amqp } from '@signalbox/messaging';
import { OutboxRelay, type OutboxRelayOptions } from '@signalbox/persistence';

/** The keeper of the trail may start after this service. Until it has declared its queue, nothing is confirmed. */
const PATIENCE_MS = 60_000;

export interface AuditOutboxOptions extends Pick<
  OutboxRelayOptions<AuditCommand, void>,
  'url' | 'schema' | 'clock' | 'logger'
> {
  readonly amqp: Amqp;
}

/**
 * Publishes the entries of the audit trail that this service has committed, in their order. Of all its processes one does. An entry
 * stays in the database until the broker has confirmed it.
 */
export const auditOutbox = ({ amqp, ...options }: AuditOutboxOptions): OutboxRelay<AuditCommand, void> =>
  new OutboxRelay({
    ...options,
    channel: AUDIT_CHANNEL,
    patienceMs: PATIENCE_MS,
    takeOver: () => Promise.resolve(),
    onOwned: () => undefined,
    onLost: () => undefined,
    publish: ({ payload }) =>
      amqp.publisher.publish({
        exchange: exchanges.audit.name,
        routingKey: AUDIT_COMMAND,
        type: AUDIT_COMMAND,
        body: payload,
        persistent: true,
        mandatory: true,
      }),
  });
