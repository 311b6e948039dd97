import { datasourceAttempt } from '@signalbox/contracts/messages';
import { datasourceEntry, followerState, readinessAdvisory, readinessFailure } from '@signalbox/contracts/streams';
import type { JsonValue } from '@signalbox/platform';
import { z } from 'zod';
import type { Assignment } from '../work/assignment.js';
import type { PublishRefusal } from '../work/publish-refused.js';

/** The work on an assignment in a worker; each has a number that is not used again. */
const session = z.int().min(1);

/** What a worker gets. */
export type ToWorker =
  | { readonly type: 'begin'; readonly session: number; readonly assignment: Assignment }
  /** Answered by `ended`. */
  | { readonly type: 'end'; readonly session: number }
  /** The oldest batches, so many, are published and their positions stored. */
  | { readonly type: 'published'; readonly session: number; readonly batches: number }
  /** All batches of the run that are not settled, and all that still come with this run, are refused. */
  | { readonly type: 'refused'; readonly session: number; readonly run: number; readonly code: PublishRefusal }
  /** Answered by `checked` or `check_failed`. */
  | { readonly type: 'check'; readonly check: number; readonly assignment: Assignment };

/** What counts of one session that is not settled yet; the process that publishes ends a worker that sends more. */
export const WINDOW = { bytes: 2 ** 20, batches: 16 } as const;

/** Of one batch, unless it has a single change. */
export const BATCH = { bytes: 2 ** 18, changes: 1_000 } as const;

/** Of what a worker sends at once. A change, with its key and id, may be as large as RabbitMQ takes it. */
export const FRAME_LIMITS = { message: 2 ** 21, bytes: 2 ** 24 } as const;

/** Bytes of a message that is no batch: what is stored of it must stay small. */
export const MAX_REPORT_BYTES = 2 ** 18;

/** An array whose length is looked at before its items: a problem with each of a million of them would block this process for seconds. */
const list = <T extends z.ZodType>(item: T, max: number) =>
  z.custom<z.input<T>[]>((value) => Array.isArray(value) && value.length <= max).pipe(z.array(item));

/** Bytes that AMQP allows for a routing key; the id of the datasource comes before it. */
const key = z.string().max(220);
const changeId = z.string().min(1).max(255);

/** The bodies are the bytes of the frame, one after another. */
export const batchMessage = z.object({
  type: z.literal('batch'),
  session,
  /** Grows when a batch was refused: what was sent before is not to be published any more. */
  run: z.int().min(0),
  keys: list(key, BATCH.changes),
  ids: list(changeId, BATCH.changes),
  /** Of each body, in bytes. */
  lengths: list(z.int().min(0), BATCH.changes),
  /** It was read as JSON, and the frame bounds it: a schema for each value in it takes seconds where they are many. */
  position: z.custom<JsonValue>().exactOptional(),
});
export type BatchMessage = z.infer<typeof batchMessage>;

const followerReport = followerState.extend({
  endpoint: datasourceEntry.shape.endpoint
    .unwrap()
    .pick({ cursor: true, event_lag: true, last_request_at: true, last_success_at: true })
    .exactOptional(),
});

const checkResult = z.object({
  outcome: z.enum(['ready', 'refused', 'unreachable']),
  credentialsRefused: z.boolean(),
  failures: list(readinessFailure, 1_000),
  advisories: list(readinessAdvisory, 1_000),
  duration_ms: z.number().min(0),
});

/** What a worker sends. It may have been taken over by what a stranger's server sent: nothing of it is believed before it is parsed. */
export const fromWorker = z.discriminatedUnion('type', [
  batchMessage,
  z.object({ type: z.literal('report'), session, state: followerReport }),
  z.object({ type: z.literal('attempt'), session, attempt: datasourceAttempt.omit({ id: true, at: true }) }),
  z.object({ type: z.literal('released'), session, left: list(z.string().max(4_096), 100).nullable() }),
  z.object({ type: z.literal('ended'), session }),
  z.object({ type: z.literal('checked'), check: z.int().min(1), result: checkResult }),
  z.object({ type: z.literal('check_failed'), check: z.int().min(1) }),
]);
export type FromWorker = z.infer<typeof fromWorker>;
