import { anchorOf, ruleOf, type ComponentReport, type Evidence, type StatusReport } from '@signalbox/component-status';
import type {
  AccountStatus,
  CriticalStatus,
  ServiceStatus,
  ShownNotice,
  StatusExplanation,
} from '@signalbox/contracts/http';
import type { NoticeEntry } from '@signalbox/contracts/streams';
import type { KnownStatus } from './current-status.js';

type Explained = StatusExplanation['data'];

/** Where this deployment runs, and which build. */
export interface Deployment {
  readonly version: string;
  readonly environment: string;
  readonly datacenter: string;
}

export interface StatusRequest {
  readonly account: AccountStatus;
  readonly requestId: string;
  /** Ms since the request was received. */
  readonly elapsedMs: number;
}

/** The answer of `GET /v1/status`: 503 if and only if the overall status is critical. */
export function presentStatus(
  { report, notice }: KnownStatus,
  { version, environment, datacenter }: Deployment,
  { account, requestId, elapsedMs }: StatusRequest,
): { readonly status: 200 | 503; readonly body: ServiceStatus | CriticalStatus } {
  const { status, at, components, causes } = report;
  const shown = notice && { notice: presentNotice(notice) };
  const rest = {
    data: {
      status,
      version,
      timestamp: time(at),
      components: Object.fromEntries(components.map((each) => [each.component, each.status])),
      component_details: Object.fromEntries(components.map((each) => [each.component, detailsOf(each)])),
      account,
      ...shown,
      performance: { response_time_ms: roundedMs(elapsedMs) },
    },
    metadata: { environment, datacenter },
    ...shown,
  };
  if (status !== 'critical')
    return { status: 200, body: { success: true, message: 'System status retrieved successfully', ...rest } };
  const error = {
    success: false,
    message: `The system is in a critical state. ${describeCauses(causes)}`,
    code: 'service_unavailable',
    status_code: 503,
    suggestion: 'GET /v1/status/explain shows the cause and what to do about it.',
    request_id: requestId,
  } as const;
  return { status: 503, body: { ...error, ...rest } };
}

/** To microseconds. */
export const roundedMs = (ms: number): number => Math.round(ms * 1_000) / 1_000;

const presentNotice = ({ message, ends_at }: NoticeEntry): ShownNotice => ({
  type: 'maintenance',
  message,
  estimated_completion: time(ends_at),
});

function detailsOf({
  observed_at,
  age_ms,
  stale,
  notice_id,
  reasons,
}: ComponentReport): ServiceStatus['data']['component_details'][string] {
  return {
    observed_at: timeOrNull(observed_at),
    age_ms,
    stale,
    ...(notice_id !== undefined && { notice_id }),
    reasons: reasons.map(({ rule, sentence, affected_by }) => ({
      rule,
      sentence,
      ...(affected_by && { affected_by }),
    })),
  };
}

/** The body of `GET /v1/status/explain`. */
export function presentExplanation(
  { status, at, causes, components }: StatusReport,
  { version, environment, datacenter }: Deployment,
): StatusExplanation {
  return {
    success: true,
    message: describeCauses(causes),
    data: {
      status,
      version,
      timestamp: time(at),
      causes: causes.map(({ effects, ...cause }) => ({
        ...cause,
        remedy: ruleOf(cause.rule).remedy,
        documentation: `docs/operations.md#${anchorOf(cause.rule)}`,
        effects: [...effects],
      })),
      components: components.map(presentComponent),
    },
    metadata: { environment, datacenter },
  };
}

function describeCauses(causes: StatusReport['causes']): string {
  const [worst, ...others] = causes;
  if (worst === undefined) return 'Every component is operational.';
  return others.length === 0 ? worst.sentence : `${worst.sentence} ${others.length} more below.`;
}

const presentComponent = ({ observed_at, reasons, ...rest }: ComponentReport): Explained['components'][number] => ({
  ...rest,
  observed_at: timeOrNull(observed_at),
  reasons: reasons.map(({ evidence, ...reason }) => ({ ...reason, evidence: evidence.map(presentEvidence) })),
});

const presentEvidence = ({
  observed_at,
  ...evidence
}: Evidence): Explained['components'][number]['reasons'][number]['evidence'][number] => ({
  ...evidence,
  observed_at: timeOrNull(observed_at),
});

const time = (at: number): string => new Date(at).toISOString();

const timeOrNull = (at: number | null): string | null => (at === null ? null : time(at));
