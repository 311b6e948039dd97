import { z } from 'zod';
import { dataplaneName } from '../dataplane/dataplane-name.js';
import { operationId } from '../dataplane/operations.js';
import { text } from '../text.js';
import { restartId } from './dataplane-commands.js';

/** `signalbox.reports`, key `dataplane.<name>.events`, type `dataplane.event`: persistent, and told until it is confirmed. */
export const DATAPLANE_EVENT = 'dataplane.event';

const common = {
  dataplane: dataplaneName,
  boot_id: text({ max: 200 }),
  at: z.int().describe('Unix ms by the agent’s own clock'),
};

/**
 * What became of a command. A restart is `acknowledged` by the life that obeys it, `draining` when it takes no more work and `down`
 * when it exits; it is `expired` where another life got it or too late.
 */
export const dataplaneEvent = z.discriminatedUnion('kind', [
  z.object({
    ...common,
    kind: z.literal('restart'),
    restart_id: restartId,
    step: z.enum(['acknowledged', 'draining', 'down', 'expired']),
  }),
  z.object({
    ...common,
    kind: z.literal('operation'),
    operation_id: operationId,
    /** `interrupted`: it is in the queue again. */
    step: z.enum(['started', 'interrupted', 'finished', 'failed']),
    /** With `finished`: what came of it. */
    result: z.json().exactOptional(),
    /** With `failed`: why, for people. */
    error: z.string().max(2_000).exactOptional(),
  }),
]);
export type DataplaneEvent = z.infer<typeof dataplaneEvent>;
