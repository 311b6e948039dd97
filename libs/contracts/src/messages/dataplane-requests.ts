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
