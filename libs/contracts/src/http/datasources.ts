import { z } from 'zod';
import {
  datasourceConnection,
  datasourceError,
  datasourceSetup,
  datasourceStatus,
  datasourceStuck,
  datasourceSync,
  readinessAdvisory,
  readinessFailure,
  replicationPosition,
  snapshotProgress,
} from '../datasource/datasource-state.js';
import { datasourceAttempt } from '../messages/datasource-requests.js';

/** The documented bodies of `/v1/datasources` (document: datasource). Members of the other kind are absent, never null. */

const seconds = z.int().min(0).describe('Unix seconds');
const age = z.int().min(0).describe('Seconds');

const common = {
  object: z.literal('datasource'),
  status: datasourceStatus,
  livemode: z.boolean(),
  metadata: z.record(z.string(), z.string()),
  created: seconds,
};

export const directDatasource = z.object({
  ...common,
  id: z.string().describe('`ds_…` live, `ds_test_…` sandbox'),
  connection: z.literal('direct'),
  provider: z.literal('postgresql'),
  host: z.string().describe('`host`, or `host:port` where the port is not 5432'),
  database: z.string(),
  schema: z.string().describe('Postgres schema of the tables'),
  display_name: z.string().describe('Summary for people'),
});
export type DirectDatasource = z.infer<typeof directDatasource>;

export const endpointDatasource = z.object({
  ...common,
  id: z.string().describe('`dse_…` in both environments'),
  connection: z.literal('endpoint'),
  environment: z.enum(['test', 'live']),
  endpoint: z.string(),
  key_last4: z.string().nullable().describe('The last four characters of the signing key'),
  cursor: z.string().nullable().describe('Null before the first page with one'),
  event_lag: z
    .int()
    .min(0)
    .exactOptional()
    .describe(
      'Events that were received and are not published yet. 0 only when the last poll drained the feed; absent while it is not known',
    ),
  retry_count: z.int().min(0).describe('Failures since the last success'),
  last_request_at: seconds.nullable(),
  last_success_at: seconds.nullable(),
  last_error: z.string().nullable().describe('A sentence and its code; null after a success'),
});
export type EndpointDatasource = z.infer<typeof endpointDatasource>;

/** Credentials have no member. */
export const datasourceBody = z.union([directDatasource, endpointDatasource]);
export type DatasourceBody = z.infer<typeof datasourceBody>;

export const datasourceList = z.object({ object: z.literal('list'), data: z.array(datasourceBody) });

export const datasourceDisconnected = z.object({
  object: z.literal('datasource_disconnected'),
  id: z.string(),
  deleted: z.literal(true),
  left_behind: z
    .object({ reason: z.string(), remove_with: z.array(z.string()) })
    .exactOptional()
    .describe('What is left at the source, with the statements that remove it'),
});
export type DatasourceDisconnected = z.infer<typeof datasourceDisconnected>;

export const datasourceAttemptBody = datasourceAttempt.extend({
  object: z.literal('datasource_attempt'),
  at: seconds,
});
export const datasourceAttempts = z.object({
  object: z.literal('list'),
  data: z.array(datasourceAttemptBody).describe('The newest first'),
});
export type DatasourceAttempts = z.infer<typeof datasourceAttempts>;

/** The native view: what is known of the setup, of the work and of the changes, each by itself. */
export const datasourceDetail = z.object({
  object: z.literal('datasource_detail'),
  id: z.string(),
  connection: datasourceConnection,
  status: datasourceStatus,
  livemode: z.boolean(),
  paused: z.boolean(),
  stale: z.boolean().describe('Whether this is a former state: nothing is received from datasource-sync'),
  setup: z.object({
    state: datasourceSetup.shape.state,
    checking: z.boolean(),
    checked_at: seconds.nullable(),
    checked_age_seconds: age.nullable(),
    failures: z.array(readinessFailure),
    advisories: z.array(readinessAdvisory),
  }),
  sync: z.object({
    state: datasourceSync.shape.state,
    since: seconds,
    age_seconds: age,
    snapshot: snapshotProgress.nullable(),
    next_attempt_at: seconds.nullable(),
    next_attempt_in_seconds: age.nullable(),
    error: datasourceError.nullable(),
    fix: z.string().nullable(),
  }),
  freshness: z.object({
    newest_change_at: seconds.nullable(),
    age_seconds: age.nullable().describe('Of the newest change that was published; null: see `unknown_because`'),
    unknown_because: z.string().nullable(),
    drained_at: seconds.nullable().describe('When nothing more was known to be at the source'),
    drained_age_seconds: age.nullable(),
  }),
  retry_count: z.int().min(0),
  last_error: datasourceError.nullable(),
  stuck: z
    .object({ since: seconds, age_seconds: age, evidence: datasourceStuck.shape.evidence })
    .nullable()
    .describe('Active, and it does not move while its source does'),
  position: replicationPosition
    .extend({ measured_at: seconds.nullable(), measured_age_seconds: age.nullable() })
    .nullable()
    .describe('Direct kind: where the reading stands, and the WAL that the source keeps for it'),
  direct: z
    .object({ user: z.string(), tls: z.string(), publication: z.string(), slot: z.string() })
    .nullable()
    .describe('Direct kind only'),
  endpoint: z
    .object({
      event_lag: z.int().min(0).nullable(),
      event_lag_unknown_because: z.string().nullable(),
      former_key_until: seconds.nullable().describe('Until when requests are signed with the former key, too'),
      last_request_age_seconds: age.nullable(),
      last_success_age_seconds: age.nullable(),
    })
    .nullable()
    .describe('Endpoint kind only'),
});
export type DatasourceDetail = z.infer<typeof datasourceDetail>;

export const datasourceApiError = z.object({
  type: z.string().describe('The class of error'),
  code: z.string(),
  message: z.string(),
  param: z.string().exactOptional().describe('The member of the body that is refused'),
  request_id: z.string(),
  doc_url: z.string(),
});
