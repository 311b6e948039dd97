import { z } from 'zod';
import { jsonValue } from '../json.js';
import { operationEntry, restartEntry } from '../streams/dataplane-stream.js';
import { askedBy } from '../dataplane/asked-by.js';
import { MAX_DRAIN_SECONDS } from './dataplane-commands.js';
import { text } from '../text.js';

/** The `type` of each request to dataplane-control. */
export const dataplaneRequestTypes = {
  restart: 'dataplane-control.restart',
  showRestart: 'dataplane-control.show-restart',
  audit: 'dataplane-control.audit',
  cancelOperation: 'dataplane-control.cancel-operation',
} as const;

/** Restart a dataplane. An equal restart that is in progress is joined. */
export const restartRequest = z.object({
  dataplane: z.string(),
  reason: text({ max: 1_000 }).nullable(),
  drain_seconds: z.int().min(0).max(MAX_DRAIN_SECONDS),
  /** Names the same restart for a day, for the same API key. */
  idempotency_key: text({ max: 255 }).nullable(),
  by: askedBy,
});
export type RestartRequest = z.infer<typeof restartRequest>;

export const restartReply = z.object({ seq: z.int().nullable(), restart: restartEntry, joined: z.boolean() });
export type RestartReply = z.infer<typeof restartReply>;

export const showRestartRequest = z.object({ id: z.string() });
export const showRestartReply = z.object({ restart: restartEntry.nullable() });

/** Cancel an operation that waits or runs. One that is cancelled already stays so. */
export const cancelOperationRequest = z.object({ dataplane: z.string(), operation_id: z.string(), by: askedBy });
export type CancelOperationRequest = z.infer<typeof cancelOperationRequest>;

export const cancelOperationReply = z.object({ seq: z.int().nullable(), operation: operationEntry });
export type CancelOperationReply = z.infer<typeof cancelOperationReply>;

/** A page of the audit log, the newest first. */
export const auditRequest = z.object({ before: z.int().nullable(), limit: z.int().min(1).max(1_000) });
export type AuditRequest = z.infer<typeof auditRequest>;

export const auditEntry = z.object({
  number: z.int(),
  /** Unix ms. */
  at: z.int(),
  action: z.string(),
  resource: z.string(),
  key_id: z.string().nullable(),
  address: z.string(),
  request_id: z.string(),
  result: z.string(),
  detail: z.record(z.string(), jsonValue),
});
export type AuditEntry = z.infer<typeof auditEntry>;

export const auditReply = z.object({ entries: z.array(auditEntry) });

/** Control actions, as the audit log names them. */
export const auditActions = { restart: 'restart-dataplane', run: 'run-operation', cancel: 'cancel-operation' } as const;

/** On `signalbox.commands`: a control action that was not sent, or of which the gateway does not know, for the audit log. */
export const AUDIT_COMMAND = 'dataplane-control.record';
export const auditCommand = auditEntry.omit({ number: true });
export type AuditCommand = z.infer<typeof auditCommand>;
