import { z } from 'zod';
import { text } from '../text.js';

/** Hashes every file of a folder, below the folder that the agent may read. */
export const hashTree = z.strictObject({ kind: z.literal('hash-tree'), path: text({ max: 1_000 }) });

/** Counts the rows of a table and, of each column, nulls and distinct values, in the database that the agent is configured with. */
export const profileTable = z.strictObject({
  kind: z.literal('profile-table'),
  schema: text({ max: 63 }).default('public'),
  table: text({ max: 63 }),
});

/** The operations of a dataplane. */
export const operationRequest = z.discriminatedUnion('kind', [hashTree, profileTable]);
export const OPERATION_KINDS: readonly OperationRequest['kind'][] = operationRequest.options.map(
  ({ shape }) => shape.kind.value,
);
export type OperationRequest = z.output<typeof operationRequest>;

/** `op-` and ten letters or digits. */
export const operationId = z.string().regex(/^op-[a-z0-9]{10}$/);
