import { by, report, restart } from '../asyncapi/examples.js';
import { askedBy } from '../dataplane/asked-by.js';
import { dataplaneReport, engineStatus, threadPool } from '../dataplane/dataplane-report.js';
import { auditPage } from '../http/audit.js';
import {
  dataplane,
  dataplaneList,
  operationList,
  restartAccepted,
  restartBody,
  restartPage,
  runOperationBody,
  type Dataplane,
} from '../http/dataplanes.js';
import { platformError, platformInfo, platformStatus } from '../http/platform.js';
import { auditEntry } from '../messages/audit.js';
import { operationEntry, restartEntry, restartState, type OperationEntry } from '../streams/dataplane-stream.js';
import { answered, sent, type Components } from './component.js';

const at = 1_795_262_400_000;

const main: Dataplane = {
  name: 'main',
  primary: true,
  health: 'healthy',
  reason: null,
  last_report_age_ms: 1_200,
  boot_id: report.boot_id,
  first_seen_at: at,
  up_since: at,
  report,
  restarts: [restart],
};

const operation: OperationEntry = {
  id: 'op-k3v9x0a1b2',
  dataplane: 'main',
  request: { kind: 'hash-tree', path: 'data' },
  state: 'queued',
  requested_by: by,
  result: null,
  error: null,
  timeline: [{ state: 'queued', at }],
};

/** Dataplanes, and the platform API that shows the primary one. */
export const dataplaneComponents: Components = {
  AskedBy: answered(askedBy),
  EngineStatus: answered(engineStatus),
  ThreadPool: answered(threadPool),
  DataplaneReport: answered(dataplaneReport),
  Dataplane: answered(dataplane, main),
  DataplaneList: answered(dataplaneList, { data: [main] }),
  RestartState: answered(restartState),
  RestartDataplane: sent(restartBody, { reason: 'New engine version', drain_seconds: 10 }),
  Restart: answered(restartEntry, restart),
  RestartPage: answered(restartPage, { data: [restart], next_before: null }),
  AcceptedRestart: answered(restartAccepted, { ...restart, joined: false }),
  RunOperation: sent(runOperationBody, { kind: 'hash-tree', path: 'data' }),
  Operation: answered(operationEntry, operation),
  OperationList: answered(operationList, { data: [operation] }),
  AuditEntry: answered(auditEntry),
  AuditPage: answered(auditPage, {
    data: [
      {
        number: 42,
        at,
        action: 'restart-dataplane',
        resource: 'main',
        ...by,
        result: 'sent',
        route: null,
        detail: { drain_seconds: 10 },
      },
    ],
    next_before: null,
  }),
  PlatformInfo: answered(platformInfo, {
    application: 'Signalbox',
    description: 'Status and control plane for data and model platforms',
    version: '20260404-5def6ae',
    release: '0.2.0',
    platform: 'local',
    engine: 'local',
    size: 'small',
    jwt_ttl_seconds: 3_600,
  }),
  PlatformStatus: answered(platformStatus, {
    database_connection: 'OK',
    rabbitmq_connection: 'OK',
    dataplane_healthcheck: {
      ...report.status,
      thread_pool_state: '2 running operations [op-48291, op-48305] with 3 queued requests and 8 provisioned channels',
    },
    private_routes: { 'db.internal:5432': 'OK' },
  }),
  PlatformError: answered(platformError, { detail: 'This needs the role admin.' }),
};
