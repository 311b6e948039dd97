import { z } from 'zod';
import { dataplaneReport } from '../dataplane/dataplane-report.js';
import { operationRequest } from '../dataplane/operations.js';
import { MAX_DRAIN_SECONDS } from '../messages/dataplane-commands.js';
import { operationEntry, restartEntry } from '../streams/dataplane-stream.js';
import { text } from '../text.js';

/** A dataplane, as `GET /v1/dataplanes` shows it. */
export const dataplane = z.object({
  name: z.string(),
  primary: z.boolean().describe('Whether /api/status and /api/admin/restart are about it.'),
  health: z.enum(['healthy', 'unhealthy']),
  reason: z.string().nullable().describe('Why it is unhealthy, for people.'),
  last_report_age_ms: z.int().nullable().describe('Null before the first report since this gateway started.'),
  boot_id: z.string().describe('Of its present incarnation.'),
  first_seen_at: z.int().nullable().describe('Unix ms.'),
  up_since: z.int().nullable().describe('Unix ms of the first report of its present incarnation.'),
  report: dataplaneReport.nullable().describe('Its last report.'),
  restarts: z.array(restartEntry).describe('The latest ten, the newest first.'),
});
export type Dataplane = z.infer<typeof dataplane>;

export const dataplaneList = z.object({ data: z.array(dataplane) });
export const operationList = z.object({ data: z.array(operationEntry) });

/** `GET /v1/restarts`. */
export const restartPage = z.object({
  data: z.array(restartEntry),
  next_before: z.string().nullable().describe('`before` of the next page; null: there is none.'),
});

/** The body of `POST /v1/dataplanes/{name}/restarts`; all of it may be left out. */
export const restartBody = z.strictObject({
  reason: text({ max: 1_000 }).nullish().describe('Why; it stands in the audit log.'),
  drain_seconds: z.int().min(0).max(MAX_DRAIN_SECONDS).optional().describe('How long running operations may go on.'),
});
export type RestartBody = z.output<typeof restartBody>;

/** The body of `POST /v1/dataplanes/{name}/operations`. */
export const runOperationBody = z.discriminatedUnion('kind', operationRequest.options);

export const restartAccepted = restartEntry.extend({
  joined: z.boolean().describe('Whether an equal restart was in progress and is this one.'),
});
