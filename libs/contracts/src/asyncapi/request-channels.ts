import { auditReply, auditRequest, journalRequestTypes } from '../messages/audit.js';
import {
  cancelOperationReply,
  cancelOperationRequest,
  dataplaneRequestTypes,
  deleteDataplaneReply,
  deleteDataplaneRequest,
  restartReply,
  restartRequest,
  showRestartReply,
  showRestartRequest,
} from '../messages/dataplane-requests.js';
import {
  attemptsReply,
  datasourceReply,
  datasourceRequest,
  datasourceRequestTypes,
} from '../messages/datasource-requests.js';
import { exchanges } from '../messages/exchanges.js';
import { snapshotKey } from '../messages/queues.js';
import {
  connectionTestReply,
  registryReply,
  registryRequest,
  registryRequestTypes,
} from '../messages/registry-requests.js';
import {
  forgetReaderReply,
  forgetReaderRequest,
  readerRequestTypes,
  showReaderReply,
  showReaderRequest,
} from '../messages/reader-requests.js';
import { messageTypes } from '../message-types.js';
import { snapshotPage, snapshotRequest } from '../streams/state-stream.js';
import { by, datasource, operation, restart, run, shownReader } from './examples.js';
import { body, message, type ChannelContract } from './message-contract.js';

const direct = { exchange: exchanges.requests, mandatory: true } as const;

const done = body({ schema: registryReply, example: { seq: 12 } });
const tested = body({ schema: connectionTestReply, example: { status: 'ok', errorMessage: '' } });

/** Requests, each with its reply. */
export const requestChannels: readonly ChannelContract[] = [
  {
    ...direct,
    id: 'registry-requests',
    key: 'registry',
    summary: 'Requests to the registry. `sealed` is the HTTP body, sealed for its public key and for this message.',
    messages: Object.values(registryRequestTypes).map((type) =>
      message({
        type,
        summary: `The registry is asked to ${type.slice('registry.'.length).replace('-', ' a ')}.`,
        schema: registryRequest,
        example: { by, project: 'shop', name: 'orders' },
        reply: type === registryRequestTypes.testConnection ? tested : done,
      }),
    ),
    senders: ['gateway'],
    receivers: ['registry'],
  },
  {
    ...direct,
    id: 'dataplane-control-requests',
    key: 'dataplane-control',
    summary: 'Requests to dataplane-control.',
    messages: [
      message({
        type: dataplaneRequestTypes.restart,
        summary: 'Restart a dataplane. An equal restart that is in progress is joined.',
        schema: restartRequest,
        example: { dataplane: 'main', reason: null, drain_seconds: 10, idempotency_key: null, by },
        reply: body({ schema: restartReply, example: { seq: 12, restart, joined: false } }),
      }),
      message({
        type: dataplaneRequestTypes.showRestart,
        summary: 'Show a restart that no stream has any more.',
        schema: showRestartRequest,
        example: { id: restart.id },
        reply: body({ schema: showRestartReply, example: { restart } }),
      }),
      message({
        type: dataplaneRequestTypes.cancelOperation,
        summary: 'Cancel an operation that waits or runs.',
        schema: cancelOperationRequest,
        example: { dataplane: run.dataplane, operation_id: run.operation_id, by },
        reply: body({ schema: cancelOperationReply, example: { seq: 12, operation } }),
      }),
      message({
        type: dataplaneRequestTypes.deleteDataplane,
        summary: 'Forget a dataplane that does not report any more, and delete its queues.',
        schema: deleteDataplaneRequest,
        example: { dataplane: 'main', silent_ms: 60_000, by },
        reply: body({ schema: deleteDataplaneReply, example: { seq: 12 } }),
      }),
    ],
    senders: ['gateway'],
    receivers: ['dataplane-control'],
  },
  {
    ...direct,
    id: 'journal-requests',
    key: 'journal',
    summary: 'Requests to the journal.',
    messages: [
      message({
        type: journalRequestTypes.auditPage,
        summary: 'A page of the audit trail, the newest entries first.',
        schema: auditRequest,
        example: {
          before: null,
          limit: 100,
          actor: null,
          key: null,
          action: 'create-key',
          resource: null,
          result: null,
          route: null,
          address: null,
          since: null,
          until: null,
        },
        reply: body({ schema: auditReply, example: { entries: [] } }),
      }),
    ],
    senders: ['gateway'],
    receivers: ['journal'],
  },
  {
    ...direct,
    id: 'datasource-sync-requests',
    key: 'datasource-sync',
    summary: 'Requests to datasource-sync. `sealed` is the HTTP body, sealed for its public key and for this message.',
    messages: Object.values(datasourceRequestTypes).map((type) =>
      message({
        type,
        summary: `A datasource is to be treated: ${type.slice('datasource-sync.'.length)}.`,
        schema: datasourceRequest,
        example: { by, account: 'default', mode: 'live', id: datasource.id },
        reply:
          type === datasourceRequestTypes.attempts
            ? body({ schema: attemptsReply, example: { attempts: [] } })
            : body({ schema: datasourceReply, example: { seq: 12, datasource } }),
      }),
    ),
    senders: ['gateway'],
    receivers: ['datasource-sync'],
  },
  {
    ...direct,
    id: 'reader-requests',
    key: 'readers.{partition}',
    summary: 'Requests to the process of reader-heartbeat that owns a partition of the readers.',
    messages: [
      message({
        type: readerRequestTypes.forget,
        summary: 'Stop showing a dead reader.',
        schema: forgetReaderRequest,
        example: { reader_id: 'llama-70b-0' },
        reply: body({ schema: forgetReaderReply, example: { seq: 12 } }),
      }),
      message({
        type: readerRequestTypes.show,
        summary: 'Show what no stream has of a reader.',
        schema: showReaderRequest,
        example: { id: 'llama-70b-0' },
        reply: body({ schema: showReaderReply, example: shownReader }),
      }),
    ],
    senders: ['gateway'],
    receivers: ['reader-heartbeat'],
  },
  {
    ...direct,
    id: 'snapshot-requests',
    key: snapshotKey('{stream}'),
    summary: 'Requests for the whole content of a state stream, to its present owner.',
    messages: [
      message({
        type: messageTypes.snapshotRequest,
        summary: 'A page of the content; without `snapshot_id` the first one of a new copy.',
        schema: snapshotRequest,
        example: { stream: 'registry', page: 0 },
        reply: body({
          schema: snapshotPage,
          example: {
            stream: 'registry',
            snapshot_id: '1795218553000.42',
            epoch: 1_795_218_553_000,
            seq: 42,
            page: 0,
            pages: 1,
            entries: [
              { key: 'project/shop', value: { name: 'shop', location: './shop', readme: '', version: 1 }, version: 7 },
            ],
          },
        }),
      }),
    ],
    // reader-heartbeat asks for the content of `gateway` only.
    senders: ['gateway', 'reader-heartbeat'],
    receivers: ['reader-heartbeat', 'registry', 'dataplane-control', 'datasource-sync', 'gateway'],
  },
];
