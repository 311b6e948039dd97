import { z } from 'zod';
import { dataplaneName } from '../dataplane/dataplane-name.js';
import { dataplaneReport } from '../dataplane/dataplane-report.js';
import { messageTypes } from '../message-types.js';
import { cancelCommand, dataplaneCommandTypes, runCommand, shutdownCommand } from '../messages/dataplane-commands.js';
import { DATAPLANE_EVENT, dataplaneEvent } from '../messages/dataplane-event.js';
import { commandKey, eventKey, reportKey } from '../messages/dataplane-topology.js';
import { exchanges } from '../messages/exchanges.js';
import { bootId, report, run, shutdown } from './examples.js';
import { message, type ChannelContract } from './message-contract.js';

const NAME = '{dataplane}';
const command = { exchange: exchanges.commands, persistent: true, mandatory: true } as const;

/** Between dataplanes, dataplane-control and the gateway. */
export const dataplaneChannels: readonly ChannelContract[] = [
  {
    id: 'dataplane-reports',
    exchange: exchanges.reports,
    key: reportKey(NAME),
    summary: 'What dataplanes report of themselves.',
    messages: [
      message({
        type: messageTypes.report,
        summary: 'The state of a dataplane: every five seconds and at once when something changes.',
        schema: dataplaneReport,
        example: report,
      }),
    ],
    senders: ['dataplane-agent'],
    receivers: ['dataplane-control'],
  },
  {
    id: 'dataplane-events',
    exchange: exchanges.reports,
    key: eventKey(NAME),
    summary: 'What became of commands.',
    messages: [
      message({
        type: DATAPLANE_EVENT,
        summary: 'A step of a restart or of an operation; published again until it is confirmed.',
        schema: dataplaneEvent,
        example: {
          dataplane: 'main',
          boot_id: bootId,
          at: 1_795_262_400_123,
          kind: 'restart',
          restart_id: shutdown.restart_id,
          step: 'acknowledged',
          command: shutdown,
        },
      }),
    ],
    senders: ['dataplane-agent'],
    receivers: ['dataplane-control'],
    persistent: true,
    mandatory: true,
  },
  {
    ...command,
    id: 'dataplane-shutdown',
    key: commandKey(NAME, 'shutdown'),
    summary: 'Commands to stop gracefully; dataplane-control receives a copy.',
    messages: [
      message({
        type: dataplaneCommandTypes.shutdown,
        summary: 'Stop gracefully: the supervisor starts the next incarnation.',
        schema: shutdownCommand,
        example: shutdown,
      }),
    ],
    senders: ['gateway', 'dataplane-control'],
    receivers: ['dataplane-agent', 'dataplane-control'],
  },
  {
    ...command,
    id: 'dataplane-run',
    key: commandKey(NAME, 'run'),
    summary: 'Operations; dataplane-control receives a copy.',
    messages: [
      message({ type: dataplaneCommandTypes.run, summary: 'Run an operation.', schema: runCommand, example: run }),
    ],
    senders: ['gateway'],
    receivers: ['dataplane-agent', 'dataplane-control'],
  },
  {
    ...command,
    id: 'dataplane-cancel',
    key: commandKey(NAME, 'cancel'),
    summary: 'Operations that are not to be run, or not to their end.',
    messages: [
      message({
        type: dataplaneCommandTypes.cancel,
        summary: 'Cancel an operation that waits or runs. The agent answers with an event `cancelled`.',
        schema: cancelCommand,
        example: { operation_id: run.operation_id, dataplane: run.dataplane },
      }),
    ],
    senders: ['dataplane-control'],
    receivers: ['dataplane-agent'],
  },
  {
    id: 'dataplane-health',
    exchange: exchanges.commands,
    key: commandKey(NAME, 'health'),
    summary: 'Requests for a report.',
    messages: [
      message({
        type: dataplaneCommandTypes.healthRequest,
        summary: 'Report at once. Sent when a report is overdue.',
        schema: z.object({ dataplane: dataplaneName.exactOptional() }),
        example: { dataplane: 'main' },
      }),
    ],
    senders: ['dataplane-control'],
    receivers: ['dataplane-agent'],
  },
];
