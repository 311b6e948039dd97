import { z } from 'zod';
import { askedBy } from '../dataplane/asked-by.js';
import { keyMode } from '../roles.js';
import { datasourceEntry, datasourceError } from '../datasource/datasource-state.js';
import { sealedMembers } from './sealed-request.js';

/** What datasource-sync can be asked for. */
export const datasourceRequestTypes = {
  create: 'datasource-sync.create',
  patch: 'datasource-sync.patch',
  delete: 'datasource-sync.delete',
  verify: 'datasource-sync.verify',
  resync: 'datasource-sync.resync',
  rotateKey: 'datasource-sync.rotate-key',
  attempts: 'datasource-sync.attempts',
} as const;
export type DatasourceRequestType = (typeof datasourceRequestTypes)[keyof typeof datasourceRequestTypes];

export const datasourceRequest = z.strictObject({
  by: askedBy,
  /** Of the caller. A datasource of another account is not found. */
  account: z.string(),
  mode: keyMode,
  /** Absent where one is created. */
  id: z.string().max(200).exactOptional(),
  ...sealedMembers,
});
export type DatasourceRequest = z.infer<typeof datasourceRequest>;

/** How a change is answered: where the stream shows it, and what there is now, or was before it was deleted. */
export const datasourceReply = z.object({
  /** Null where nothing was changed. */
  seq: z.int().nullable(),
  datasource: datasourceEntry,
  /** Of a deletion: what is left at the source, with the statements that remove it. Null: nothing is left, or it is being removed. */
  left_behind: z
    .object({ reason: z.string(), remove_with: z.array(z.string()) })
    .nullable()
    .exactOptional(),
});
export type DatasourceReply = z.infer<typeof datasourceReply>;

/** A poll or a check that was made. */
export const datasourceAttempt = z.object({
  id: z.int(),
  /** Unix ms. */
  at: z.int(),
  kind: z.enum(['check', 'snapshot', 'stream', 'poll']),
  outcome: z.enum(['succeeded', 'failed', 'refused']),
  duration_ms: z.int(),
  /** Events or changes that it published. */
  published: z.int(),
  error: datasourceError.nullable(),
});
export type DatasourceAttempt = z.infer<typeof datasourceAttempt>;

/** The newest first. */
export const attemptsReply = z.object({ attempts: z.array(datasourceAttempt) });
export type AttemptsReply = z.infer<typeof attemptsReply>;

/** Why datasource-sync refuses: the code of its answer. */
export type DatasourceRefusal =
  | 'bad_request'
  | 'invalid_value'
  | 'not_found'
  | 'wrong_kind'
  | 'target_refused'
  | 'mode_refused'
  | 'too_many'
  | 'quota_exceeded'
  | 'busy'
  /** Its body cannot be opened. Nothing was changed. */
  | 'unavailable';
