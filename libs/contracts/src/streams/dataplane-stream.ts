import { z } from 'zod';
import { dataplaneReport } from '../dataplane/dataplane-report.js';
import { askedBy } from '../dataplane/asked-by.js';
import { operationRequest } from '../dataplane/operations.js';
import { messageTypes } from '../message-types.js';
import { defineStream, entries } from './stream-definition.js';

/** What the `dataplane` stream says: which dataplanes there are, what is being done with them. How they are travels beside it. */

const time = z.int().describe('Unix ms');

/** Under `dataplane/<name>`: one that has reported at least once. */
export const dataplaneEntry = z.object({
  name: z.string(),
  /** Of its present life. */
  boot_id: z.string(),
  engine: z.string(),
  first_seen_at: time,
  /** When its present life was first heard of. */
  up_since: time,
});
export type DataplaneEntry = z.infer<typeof dataplaneEntry>;

/** The steps of a restart in their order; the last ones end it. One that was never seen to happen is left out. */
export const restartState = z.enum([
  'requested',
  'sent',
  'acknowledged',
  'draining',
  'down',
  'up',
  'healthy',
  'expired',
  'timed_out',
]);
export type RestartState = z.infer<typeof restartState>;

/** Under `restart/<id>`: the latest hundreds. */
export const restartEntry = z.object({
  id: z.string(),
  dataplane: z.string(),
  /** Of the life that is to end. */
  boot_id: z.string(),
  /** Of the life that came after it. */
  new_boot_id: z.string().nullable(),
  state: restartState,
  reason: z.string().nullable(),
  drain_seconds: z.int(),
  requested_by: askedBy,
  /** After which it is `timed_out`. */
  deadline: time,
  timeline: z.array(z.object({ state: restartState, at: time })),
});
export type RestartEntry = z.infer<typeof restartEntry>;

/** Under `operation/<id>`: the latest hundreds. */
export const operationEntry = z.object({
  id: z.string(),
  dataplane: z.string(),
  request: operationRequest,
  state: z.enum(['queued', 'running', 'interrupted', 'finished', 'failed']),
  requested_by: askedBy,
  result: z.json().nullable(),
  error: z.string().nullable(),
  timeline: z.array(z.object({ state: z.string(), at: time })),
});
export type OperationEntry = z.infer<typeof operationEntry>;

/** States after which nothing comes any more. */
export const RESTART_ENDS: ReadonlySet<RestartState> = new Set(['healthy', 'expired', 'timed_out']);

/**
 * The last report of a dataplane, beside the deltas and outside the digest, like the beats of readers: it needs no database, and losing
 * one costs only age.
 */
export const streamReport = z.object({
  stream: z.string(),
  report: dataplaneReport,
  /** Ms since it was received. */
  age_ms: z.int().min(0),
});
export type StreamReport = z.infer<typeof streamReport>;

export const dataplaneStream = defineStream({
  name: 'dataplane',
  entries: {
    dataplane: entries('dataplane', dataplaneEntry),
    restart: entries('restart', restartEntry),
    operation: entries('operation', operationEntry),
  },
  beside: { report: { type: messageTypes.report, schema: streamReport } },
});

export const dataplaneKey = dataplaneStream.entries.dataplane.key;
export const restartKey = dataplaneStream.entries.restart.key;
export const operationKey = dataplaneStream.entries.operation.key;
