import { z } from 'zod';
import { jsonValue } from '../json.js';
import { dataplaneReport } from '../dataplane/dataplane-report.js';
import { askedBy } from '../dataplane/asked-by.js';
import { operationRequest } from '../dataplane/operations.js';
import { messageTypes } from '../message-types.js';
import { defineStream, entries } from './stream-definition.js';

const time = z.int().describe('Unix ms');

/** A dataplane that has reported at least once. */
export const dataplaneEntry = z.object({
  name: z.string(),
  /** Of its current incarnation. */
  boot_id: z.string(),
  engine: z.string(),
  first_seen_at: time,
  /** When the first report of its current incarnation was received. */
  up_since: time,
});
export type DataplaneEntry = z.infer<typeof dataplaneEntry>;

/** The steps of a restart in their order; the last three end it. A step that was not observed is left out. */
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

/** One of the latest few hundred restarts. */
export const restartEntry = z.object({
  id: z.string(),
  dataplane: z.string(),
  /** Of the incarnation that is to stop. */
  boot_id: z.string(),
  /** Of the incarnation that followed it. */
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

/** One of the latest few hundred operations. */
export const operationEntry = z.object({
  id: z.string(),
  dataplane: z.string(),
  request: operationRequest,
  /** The last three end it. */
  state: z.enum(['queued', 'running', 'interrupted', 'finished', 'failed', 'cancelled']),
  requested_by: askedBy,
  result: jsonValue.nullable(),
  error: z.string().nullable(),
  /** Its states, and `cancelling` where it was to be cancelled while it ran. */
  timeline: z.array(z.object({ state: z.string(), at: time })),
});
export type OperationEntry = z.infer<typeof operationEntry>;

/** The states that end a restart. */
export const RESTART_ENDS: ReadonlySet<RestartState> = new Set(['healthy', 'expired', 'timed_out']);

/**
 * The last report of a dataplane. It travels beside the deltas and outside the digest, as the beats of readers do: it needs
 * no database, and a lost one only makes the known report older.
 */
export const streamReport = z.object({
  stream: z.string(),
  report: dataplaneReport,
  /** Ms since it was received. */
  age_ms: z.int().min(0),
});
export type StreamReport = z.infer<typeof streamReport>;

/** What dataplane-control publishes: dataplanes, restarts and operations; beside them the reports of the dataplanes. */
export const dataplaneStream = defineStream({
  name: 'dataplane',
  entries: {
    dataplane: entries('dataplane', dataplaneEntry),
    restart: entries('restart', restartEntry),
    operation: entries('operation', operationEntry),
  },
  beside: { report: { type: messageTypes.report, schema: streamReport } },
});
