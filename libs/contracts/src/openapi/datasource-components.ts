import { datasource as entry } from '../asyncapi/examples.js';
import {
  directBody,
  endpointBody,
  patchDatasourceBody,
  registerDatasourceBody,
  rotateSigningKeyBody,
} from '../datasource/datasource-bodies.js';
import { datasourceError, readinessAdvisory, readinessFailure } from '../datasource/datasource-state.js';
import * as http from '../http/datasources.js';
import { answered, sent, type Components } from './component.js';

const at = 1_795_262_400;

const shop: http.DirectDatasource = {
  object: 'datasource',
  id: entry.id,
  status: 'active',
  livemode: true,
  metadata: { team: 'analytics' },
  created: at,
  connection: 'direct',
  provider: 'postgresql',
  host: 'db.example.com',
  database: 'shop',
  schema: 'public',
  display_name: 'shop on db.example.com',
};

const attempt: http.DatasourceAttempts['data'][number] = {
  object: 'datasource_attempt',
  id: 7,
  at,
  kind: 'check',
  outcome: 'succeeded',
  duration_ms: 84,
  published: 0,
  error: null,
};

/** Databases and endpoints of customers. */
export const datasourceComponents: Components = {
  DirectDatasource: answered(http.directDatasource),
  EndpointDatasource: answered(http.endpointDatasource),
  Datasource: answered(http.datasourceBody, shop),
  DatasourceList: answered(http.datasourceList, { object: 'list', data: [shop] }),
  DisconnectedDatasource: answered(http.datasourceDisconnected, {
    object: 'datasource_disconnected',
    id: shop.id,
    deleted: true,
  }),
  DatasourceAttempt: answered(http.datasourceAttemptBody),
  DatasourceAttemptList: answered(http.datasourceAttempts, { object: 'list', data: [attempt] }),
  DatasourceDetail: answered(http.datasourceDetail, {
    object: 'datasource_detail',
    id: shop.id,
    connection: 'direct',
    status: 'active',
    livemode: true,
    paused: false,
    stale: false,
    setup: {
      state: 'verified',
      checking: false,
      checked_at: at,
      checked_age_seconds: 60,
      failures: [],
      advisories: [],
    },
    sync: {
      state: 'streaming',
      since: at,
      age_seconds: 60,
      snapshot: null,
      next_attempt_at: null,
      next_attempt_in_seconds: null,
      error: null,
      fix: null,
    },
    freshness: {
      newest_change_at: at,
      age_seconds: 60,
      unknown_because: null,
      drained_at: at,
      drained_age_seconds: 60,
    },
    retry_count: 0,
    last_error: null,
    stuck: null,
    position: null,
    direct: {
      user: 'replicator',
      tls: 'verify-full',
      publication: 'signalbox_publication',
      slot: 'signalbox_5k2m9x7q1v8b3n6c4z0a7s2d',
    },
    endpoint: null,
  }),
  DatasourceProblem: answered(datasourceError),
  ReadinessFailure: answered(readinessFailure),
  ReadinessAdvisory: answered(readinessAdvisory),
  RegisterDatabase: sent(directBody),
  RegisterEndpoint: sent(endpointBody),
  RegisterDatasource: sent(registerDatasourceBody, {
    connectionString: 'postgres://replicator:secret@db.example.com:5432/shop?sslmode=verify-full',
    schema: 'public',
  }),
  ChangeDatasource: sent(patchDatasourceBody, { metadata: { team: 'analytics' }, paused: false }),
  RotateSigningKey: sent(rotateSigningKeyBody, { signingKey: 'whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ=' }),
  DatasourceError: answered(http.datasourceApiError, {
    type: 'AbloValidationError',
    code: 'invalid_body',
    message: 'connectionString is missing.',
    param: 'connectionString',
    request_id: 'req_8d7c6b',
    doc_url: '/docs/errors#invalid_body',
  }),
};
