import { z } from 'zod';
import { askedBy } from '../dataplane/asked-by.js';
import { dataplaneName } from '../dataplane/dataplane-name.js';
import { operationId, operationRequest } from '../dataplane/operations.js';
import { text } from '../text.js';

/** The `type` of each command to an agent, through `signalbox.commands`. */
export const dataplaneCommandTypes = {
  shutdown: 'dataplane.shutdown',
  healthRequest: 'dataplane.health-request',
  run: 'dataplane.run',
  cancel: 'dataplane.cancel',
} as const;

export const restartId = z.string().regex(/^restart-[0-9a-f]{24}$/);

/** Longest drain time, s. */
export const MAX_DRAIN_SECONDS = 3_600;

/**
 * Stop gracefully; the supervisor starts the next incarnation. The broker puts it into the dataplane's control queue and, as a copy, into
 * the queue of dataplane-control. An agent executes it only where `boot_id` is its own and it has not expired.
 */
export const shutdownCommand = z.object({
  restart_id: restartId,
  dataplane: dataplaneName,
  /** Of the incarnation that is to stop. */
  boot_id: text({ max: 200 }),
  /** How long running operations may go on. */
  drain_seconds: z.int().min(0).max(MAX_DRAIN_SECONDS),
  /** Unix ms. */
  requested_at: z.int().min(0),
  /** Unix ms after which it is not executed any more. */
  expires_at: z.int().min(0),
  reason: text({ max: 1_000 }).nullable(),
  by: askedBy,
});
export type ShutdownCommand = z.infer<typeof shutdownCommand>;

/** Time to stop, to start and to be healthy again after the drain, ms. */
const RESTART_GRACE_MS = 120_000;

/** When a restart times out, Unix ms; no agent executes it after that. */
export const restartDeadline = (requestedAt: number, drainSeconds: number): number =>
  requestedAt + drainSeconds * 1_000 + RESTART_GRACE_MS;

/** The id of a new restart, from 24 random hexadecimal digits. */
export const restartIdOf = (digits: string): string => `restart-${digits}`;

/** Run an operation; with a copy to dataplane-control, as above. */
export const runCommand = z.object({
  operation_id: operationId,
  dataplane: dataplaneName,
  request: operationRequest,
  /** Unix ms. */
  requested_at: z.int().min(0),
  by: askedBy,
});
export type RunCommand = z.infer<typeof runCommand>;

/** Do not run an operation, or end it. It goes to the control queue: an operation may wait behind others that run. */
export const cancelCommand = z.object({ operation_id: operationId, dataplane: dataplaneName });
export type CancelCommand = z.infer<typeof cancelCommand>;
