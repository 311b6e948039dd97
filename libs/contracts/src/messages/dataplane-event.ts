import { z } from 'zod';
import { jsonValue } from '../json.js';
import { dataplaneName } from '../dataplane/dataplane-name.js';
import { operationId } from '../dataplane/operations.js';
import { text } from '../text.js';
import { restartId, runCommand, shutdownCommand } from './dataplane-commands.js';

/** `signalbox.reports`, key `dataplane.<name>.events`, type `dataplane.event`: persistent, and published again until it is confirmed. */
export const DATAPLANE_EVENT = 'dataplane.event';

const common = {
  dataplane: dataplaneName,
  boot_id: text({ max: 200 }),
  at: z.int().describe('Unix ms by the agent’s own clock'),
};

/**
 * What became of a command. A restart is `acknowledged` by the incarnation that executes it, `draining` when that takes no more work
 * and `down` when it exits; it is `expired` where another incarnation received it, or this one too late.
 *
 * `command` is the command as the agent received it. It makes an event complete: where the event arrives before dataplane-control's
 * copy of the command, it creates the entry. An event without it is retried until the copy is there.
 */
export const dataplaneEvent = z.discriminatedUnion('kind', [
  z.object({
    ...common,
    kind: z.literal('restart'),
    restart_id: restartId,
    step: z.enum(['acknowledged', 'draining', 'down', 'expired']),
    command: shutdownCommand.exactOptional(),
  }),
  z.object({
    ...common,
    kind: z.literal('operation'),
    operation_id: operationId,
    /** `interrupted`: it is in the queue again. `cancelled`: a command said so; it is not run any more. */
    step: z.enum(['started', 'interrupted', 'finished', 'failed', 'cancelled']),
    /** With `finished`: its result. */
    result: jsonValue.exactOptional(),
    /** With `failed`: why, for people. */
    error: z.string().max(2_000).exactOptional(),
    command: runCommand.exactOptional(),
  }),
]);
export type DataplaneEvent = z.infer<typeof dataplaneEvent>;
export type RestartEvent = Extract<DataplaneEvent, { kind: 'restart' }>;
export type OperationEvent = Extract<DataplaneEvent, { kind: 'operation' }>;
