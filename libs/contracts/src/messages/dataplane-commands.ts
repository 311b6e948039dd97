import { z } from 'zod';
import { askedBy } from '../dataplane/asked-by.js';
import { dataplaneName } from '../dataplane/dataplane-name.js';
import { operationId, operationRequest } from '../dataplane/operations.js';
import { text } from '../text.js';

/** The `type` of what an agent is told, through `signalbox.commands`. */
export const dataplaneCommandTypes = {
  shutdown: 'dataplane.shutdown',
  healthRequest: 'dataplane.health-request',
  run: 'dataplane.run',
} as const;

export const restartId = z.string().regex(/^restart-[0-9a-f]{24}$/);

/** Longest that running operations are waited for, s. */
export const MAX_DRAIN_SECONDS = 3_600;

/**
 * Stop in order, so that the supervisor starts you again. It goes to the dataplane's control queue and, as a copy, to
 * dataplane-control: what the one was told the other knows. An agent obeys it only where `boot_id` is its own and the time is not over.
 */
export const shutdownCommand = z.object({
  restart_id: restartId,
  dataplane: dataplaneName,
  /** Of the life that is meant. */
  boot_id: text({ max: 200 }),
  /** How long running operations may go on. */
  drain_seconds: z.int().min(0).max(MAX_DRAIN_SECONDS),
  /** Unix ms. */
  requested_at: z.int(),
  /** Unix ms after which it means nothing any more. */
  expires_at: z.int(),
  reason: text({ max: 1_000 }).nullable(),
  by: askedBy,
});
export type ShutdownCommand = z.infer<typeof shutdownCommand>;

/** Added to the time for draining: stopping, starting and being healthy again. */
const RESTART_PATIENCE_MS = 120_000;

/** When a restart is given up, Unix ms; after that no agent obeys it either. */
export const restartDeadline = (requestedAt: number, drainSeconds: number): number =>
  requestedAt + drainSeconds * 1_000 + RESTART_PATIENCE_MS;

/** A new id of a restart, from 24 hexadecimal digits that nobody can guess. */
export const restartIdOf = (digits: string): string => `restart-${digits}`;

/** Run an operation; with a copy to dataplane-control, as above. */
export const runCommand = z.object({
  operation_id: operationId,
  dataplane: dataplaneName,
  request: operationRequest,
  requested_at: z.int(),
  by: askedBy,
});
export type RunCommand = z.infer<typeof runCommand>;
