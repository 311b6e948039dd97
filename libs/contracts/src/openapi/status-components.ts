import { accountStatus, rateLimits } from '../http/accounts.js';
import {
  changeNoticeBody,
  notice,
  noticeList,
  scheduleNoticeBody,
  shownNotice,
  type Notice,
  type ShownNotice,
} from '../http/notices.js';
import { problemDetails } from '../http/problem.js';
import { processHealth, publicHealth } from '../http/health.js';
import {
  criticalStatus,
  serviceStatus,
  serviceStatusError,
  statusExplanation,
  type ServiceStatus,
} from '../http/service-status.js';
import { jsonValue } from '../json.js';
import { answered, sent, type Components } from './component.js';

const now = '2026-03-28T09:00:00.000Z';
const ends = '2026-03-28T10:00:00.000Z';

const aNotice: Notice = {
  id: 'notice_6e5d4c',
  type: 'maintenance',
  state: 'active',
  message: 'The registry is updated.',
  components: ['registry'],
  starts_at: now,
  ends_at: ends,
  created_at: now,
  created_by: 'key_5f0e1d',
};

const shown: ShownNotice = { type: 'maintenance', message: aNotice.message, estimated_completion: ends };
const metadata = { environment: 'production', datacenter: 'local' };
const summary = { version: '20260404-5def6ae', timestamp: now };

const data: ServiceStatus['data'] = {
  ...summary,
  status: 'operational',
  components: { messaging: 'operational' },
  component_details: { messaging: { observed_at: now, age_ms: 120, stale: false, reasons: [] } },
  account: {
    tier: 'standard',
    type: 'live',
    capabilities: ['member'],
    rate_limits: { limit: 1_000, remaining: 999, reset_time: ends, burst_limit: 20 },
  },
  performance: { response_time_ms: 0.4 },
};

/** The status API, maintenance, the health of a process, and the errors of most APIs. */
export const statusComponents: Components = {
  JsonValue: answered(jsonValue),
  RateLimits: answered(rateLimits),
  AccountStatus: answered(accountStatus),
  ServiceStatus: answered(serviceStatus, {
    success: true,
    message: 'System status retrieved successfully',
    data: { ...data, notice: shown },
    metadata,
    notice: shown,
  }),
  ServiceStatusError: answered(serviceStatusError, {
    success: false,
    message: 'There is no notice notice_1.',
    code: 'notice_not_found',
    status_code: 404,
    suggestion: 'GET /v1/notices lists them.',
    request_id: 'req_8d7c6b',
  }),
  CriticalStatus: answered(criticalStatus, {
    success: false,
    message: 'The system is in a critical state. The broker cannot be reached.',
    code: 'service_unavailable',
    status_code: 503,
    suggestion: 'GET /v1/status/explain shows the cause and what to do about it.',
    request_id: 'req_8d7c6b',
    data: { ...data, status: 'critical', components: { messaging: 'unavailable' } },
    metadata,
  }),
  StatusExplanation: answered(statusExplanation, {
    success: true,
    message: 'Every component is operational.',
    data: {
      ...summary,
      status: 'operational',
      causes: [],
      components: [
        { component: 'messaging', status: 'operational', observed_at: now, age_ms: 120, stale: false, reasons: [] },
      ],
    },
    metadata,
  }),
  PublicHealth: answered(publicHealth, { status: 'healthy' }),
  ProcessHealth: answered(processHealth, { status: 'ok' }),
  Notice: answered(notice, aNotice),
  NoticeList: answered(noticeList, { data: [aNotice] }),
  ShownNotice: answered(shownNotice),
  ScheduleNotice: sent(scheduleNoticeBody, {
    message: aNotice.message,
    components: ['registry'],
    starts_at: now,
    ends_at: ends,
  }),
  ChangeNotice: sent(changeNoticeBody, { ends_at: ends }),
  Problem: answered(problemDetails, {
    type: 'urn:signalbox:problem:key_not_found',
    title: 'Not Found',
    status: 404,
    detail: 'There is no key key_1.',
    code: 'key_not_found',
    request_id: 'req_8d7c6b',
    suggestion: 'GET /v1/keys lists them.',
  }),
};
