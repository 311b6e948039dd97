import { z } from 'zod';
import { jsonValue } from '../json.js';
import { accountStatus } from './accounts.js';
import { shownNotice } from './notices.js';

const componentStatus = z.enum(['operational', 'degraded', 'unavailable']);
const component = z.string().describe('messaging, storage, api, readers, registry, dataplane, datasources.');
const time = z.iso.datetime();

const ruleReference = z.object({ component, rule: z.string() });

const age = {
  observed_at: time
    .nullable()
    .describe('Of the oldest thing that the status follows from; null: it was never received.'),
  age_ms: z.int().min(0).nullable(),
  stale: z.boolean().describe('Too old, or incomplete. Then the status is not operational.'),
  notice_id: z.string().exactOptional().describe('The active notice that keeps it from counting as unavailable.'),
};

const metadata = z.object({ environment: z.string(), datacenter: z.string() });

/** Members of `data` that do not depend on the caller. */
const summary = {
  status: z.enum(['operational', 'degraded', 'critical']),
  version: z.string(),
  timestamp: time.describe('When the state was put together.'),
};

const data = z.object({
  ...summary,
  components: z.record(z.string(), componentStatus),
  component_details: z.record(
    z.string(),
    z.object({
      ...age,
      reasons: z
        .array(z.object({ rule: z.string(), sentence: z.string(), affected_by: ruleReference.exactOptional() }))
        .describe('The rules that apply, the worst first. `GET /v1/status/explain` has what was seen.'),
    }),
  ),
  account: accountStatus,
  notice: shownNotice.exactOptional().describe('The maintenance that goes on; absent when there is none.'),
  performance: z.object({ response_time_ms: z.number().min(0).describe('Of this request, in this process.') }),
});

/** `GET /v1/status` while the overall status is not critical: 200. */
export const serviceStatus = z.object({
  success: z.literal(true),
  message: z.string(),
  data,
  metadata,
  notice: shownNotice.exactOptional().describe('The same as in `data`.'),
});
export type ServiceStatus = z.infer<typeof serviceStatus>;

const evidence = z.object({
  what: z.string(),
  value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
  threshold: z.union([z.string(), z.number()]).exactOptional(),
  observed_at: time.nullable().describe('null: it was never seen.'),
  source: z.string().describe('A state stream, or a check of this process.'),
});

const reason = z.object({
  rule: z.string(),
  status: z.enum(['degraded', 'unavailable']),
  sentence: z.string(),
  affected_by: ruleReference.exactOptional().describe('The cause, where this is its effect.'),
});

/** `GET /v1/status/explain`. */
export const statusExplanation = z.object({
  success: z.literal(true),
  message: z.string(),
  data: z.object({
    ...summary,
    causes: z
      .array(
        z.object({
          ...ruleReference.shape,
          sentence: z.string(),
          remedy: z.string().describe('What a person can do.'),
          documentation: z.string().describe('The same in docs/operations.md.'),
          effects: z.array(ruleReference),
        }),
      )
      .describe('What explains everything that is not operational; the worst first.'),
    components: z.array(
      z.object({
        component,
        status: componentStatus,
        ...age,
        reasons: z.array(reason.extend({ evidence: z.array(evidence) })),
      }),
    ),
  }),
  metadata,
});
export type StatusExplanation = z.infer<typeof statusExplanation>;

/** Errors of this API. */
export const serviceStatusError = z.object({
  success: z.literal(false),
  message: z.string(),
  code: z.string(),
  status_code: z.int(),
  suggestion: z.string(),
  request_id: z.string(),
  details: z.record(z.string(), jsonValue).exactOptional(),
});

/** `GET /v1/status` while it is critical: 503, an error that has the status too. */
export const criticalStatus = serviceStatusError.extend({ data, metadata, notice: shownNotice.exactOptional() });
export type CriticalStatus = z.infer<typeof criticalStatus>;
