import { z } from 'zod';
import { operationEntry, restartEntry } from '../streams/dataplane-stream.js';
import { askedBy } from '../dataplane/asked-by.js';
import { MAX_DRAIN_SECONDS } from './dataplane-commands.js';
import { text } from '../text.js';

/** The `type` of each request to dataplane-control. */
export const dataplaneRequestTypes = {
  restart: 'dataplane-control.restart',
  showRestart: 'dataplane-control.show-restart',
  cancelOperation: 'dataplane-control.cancel-operation',
  deleteDataplane: 'dataplane-control.delete-dataplane',
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

/** Forget a dataplane that does not report any more, and delete its queues. */
export const deleteDataplaneRequest = z.object({
  dataplane: z.string(),
  /** Ms since the last report that the sender knows of; null: of none. Another process of dataplane-control may have received it. */
  silent_ms: z.number().min(0).nullable(),
  by: askedBy,
});
export type DeleteDataplaneRequest = z.infer<typeof deleteDataplaneRequest>;

export const deleteDataplaneReply = z.object({ seq: z.int().nullable() });
export type DeleteDataplaneReply = z.infer<typeof deleteDataplaneReply>;
