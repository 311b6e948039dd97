import { z } from 'zod';
import { readerState } from '../streams/readers-stream.js';
import { listQuery } from './list-query.js';
import { pageLimit } from './page-limit.js';

const member = z.string().max(500).optional();

/** What readers can be sorted by. Those that are equal in it are sorted by their ids. */
export const readerSortKeys = ['reader_id', 'since', 'last_heartbeat_at'] as const;
export type ReaderSortKey = (typeof readerSortKeys)[number];

/** The query of `GET /v1/readers`. */
export const readerQuery = listQuery({
  state: z
    .string()
    .max(100)
    .transform((text) => text.split(','))
    .pipe(z.array(readerState))
    .optional()
    .describe('Only readers in one of these states: `loading`, `live`, `dead`, separated by commas'),
  group: member.describe('Only readers of this consumer group'),
  model: member.describe('Only readers of the model with this name'),
  type: member.describe('Only readers of models of this type'),
  device: member.describe('Only readers on this device'),
  flapping: z
    .enum(['true', 'false'])
    .optional()
    .describe('Only readers whose state changes too often, or only the others'),
  search: z
    .string()
    .max(200)
    .optional()
    .describe('Only readers whose id or model name contains this text, in upper or lower case'),
  sort: z
    .enum(readerSortKeys.flatMap((key) => [key, `-${key}` as const]))
    .default('reader_id')
    .describe(
      'The order; with `-` the largest first. A reader that changes between two pages may be in both, or in none, unless the order is by its id',
    ),
  limit: pageLimit.describe('Most readers of a page'),
  cursor: z.string().max(1_000).optional().describe('`next_cursor` of the page before, with the same `sort`'),
});
export type ReaderQuery = z.output<typeof readerQuery>;

/** A reader as members see it: without process ids, its consumer name and its configuration. */
export const readerSummary = z.object({
  reader_id: z.string(),
  state: readerState,
  since: z.int().describe('Unix ms since when the reader is in its state.'),
  last_heartbeat_at: z.int().describe('Unix ms at which Signalbox received its last heartbeat.'),
  heartbeat_wait_interval: z.int().describe('Seconds between two heartbeats, as the reader declared them.'),
  flapping_since: z.int().nullable().describe('Unix ms since when its state changes too often; null: it does not.'),
  consumer_groups: z.array(z.string()),
  model_name: z.string(),
  model_type: z.string(),
  device: z.string(),
});
export type ReaderSummary = z.infer<typeof readerSummary>;

/** How many values of a member are counted by themselves, the most frequent ones. */
export const MOST_FACET_VALUES = 100;

const countsByValue = z.object({
  values: z
    .array(z.object({ value: z.string(), readers: z.int().min(1) }))
    .max(MOST_FACET_VALUES)
    .describe('The most frequent first.'),
  others: z
    .int()
    .min(0)
    .describe('How many further values there are. Of a member with more than 10,000 values, only so many are counted.'),
});

/** Each member counts the readers that all filters but that of the member itself let through. */
export const readerCounts = z.object({
  state: z.object({ loading: z.int().min(0), live: z.int().min(0), dead: z.int().min(0) }),
  flapping: z.int().min(0).describe('Readers whose state changes too often.'),
  group: countsByValue,
  model: countsByValue,
  type: countsByValue,
  device: countsByValue,
});
export type ReaderCounts = z.infer<typeof readerCounts>;

export const readerPage = z.object({
  data: z.array(readerSummary),
  next_cursor: z.string().nullable().describe('`cursor` of the next page; null: there is none.'),
  total: z.int().min(0).describe('How many readers all filters let through.'),
  counts: readerCounts,
});
export type ReaderPage = z.infer<typeof readerPage>;

/** `GET /reader_groups`: the readers of each consumer group that are not dead. A reader of several groups is in each of them. */
export const readerGroups = z.record(
  z.string(),
  z.array(
    z.object({
      reader_id: z.string(),
      backend: z.string().nullable().describe('As the reader sent it; null: it did not.'),
      model_name: z.string(),
      model_type: z.string(),
      pids: z.array(z.int()),
      ready: z.boolean().describe('Whether the reader is live; false: it is loading.'),
    }),
  ),
);
export type ReaderGroups = z.infer<typeof readerGroups>;

const maskedReader = z.object({
  consumer_groups: z.array(z.string()),
  device: z.string(),
  model_name: z.string(),
  model_type: z.string(),
  loras: z.null().describe('Not known to Signalbox.'),
});

/** `GET /inference/status`: the readers without process ids, names, heartbeats and configuration. */
export const inferenceStatus = z.object({
  dead_readers: z.record(z.string(), maskedReader),
  live_readers: z.record(z.string(), maskedReader),
  ports: z.array(z.object({})).max(0).describe('Always empty: Signalbox serves no inference.'),
});
export type InferenceStatus = z.infer<typeof inferenceStatus>;
