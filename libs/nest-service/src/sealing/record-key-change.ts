import { randomUUID } from 'node:crypto';
import { askedBy, auditOf } from '@signalbox/contracts/messages';
import type { StreamTransaction } from '@signalbox/persistence';
import { recordAudit } from '../audit/record-audit.js';

export interface KeyChange {
  readonly service: string;
  /** The public key that the service published last; undefined: none yet. */
  readonly before: string | undefined;
  readonly publicKey: string;
  /** Unix ms. */
  readonly at: number;
}

/**
 * Records in the audit trail that senders seal with another key from now on. No request asked for it: the entry has no caller and no
 * address. A change that no operator made is seen there.
 */
export function recordKeyChange(transaction: StreamTransaction, { service, before, publicKey, at }: KeyChange): void {
  if (before === undefined || before === publicKey) return;
  const by = askedBy.parse({ key_id: null, name: service, request_id: `${service}_${randomUUID()}`, address: '' });
  const detail = { before, public_key: publicKey };
  recordAudit(transaction, auditOf(by, { at, action: 'change-sealing-key', resource: service, detail }));
}
