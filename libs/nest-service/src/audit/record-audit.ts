import { AUDIT_CHANNEL, type AuditCommand } from '@signalbox/contracts/messages';
import type { StreamTransaction } from '@signalbox/persistence';

/** Commits an entry of the audit trail together with what the transaction changes. Needs the `AuditOutboxModule` and its tables. */
export const recordAudit = (transaction: StreamTransaction, entry: AuditCommand): void =>
  transaction.send(AUDIT_CHANNEL, entry);
