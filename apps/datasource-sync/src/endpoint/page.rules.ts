import type { JsonValue } from '@signalbox/platform';
import { z } from 'zod';
import { nestingOf } from './nesting.rules.js';

const MAX_EVENTS = 1_000;
const MAX_NESTING = 64;

const word = z.string().min(1).max(255);
const optionalWord = z.string().max(255).nullish();

/**
 * Only what it is at the top is looked at: the rest was read as JSON a moment ago, and a schema for each value takes seconds where they
 * are many. Numbers are those that JavaScript reads:
 * integers are exact up to 2^53, and what is beyond its largest number is published as null.
 */
const jsonObject = z.custom<Readonly<Record<string, JsonValue>>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);

/** An event of a data source (contract facts, section b). What it has besides is not looked at. */
const sourceEvent = z.object({
  id: word,
  model: word,
  entityId: word,
  type: z.enum(['CREATE', 'UPDATE', 'DELETE', 'ARCHIVE', 'UNARCHIVE']),
  data: jsonObject.nullish(),
  organizationId: optionalWord,
  correlationId: optionalWord,
  clientTxId: optionalWord,
  transactionId: optionalWord,
  /** Unix ms; a hint. */
  occurredAt: z.number().min(0).max(8_640_000_000_000_000).nullish().catch(null),
});
export type SourceEvent = z.infer<typeof sourceEvent>;

/** One that Postgres would not store as it is would be another one after a restart. */
const cursor = z
  .string()
  .min(1)
  .max(4_096)
  .refine((text) => !/\p{Surrogate}/u.test(text) && !text.includes('\0'));

const page = z.object({
  events: z.array(sourceEvent).max(MAX_EVENTS),
  nextCursor: cursor.nullish(),
});

export interface Page {
  readonly events: readonly SourceEvent[];
  /** Undefined: this was the last page. */
  readonly nextCursor: string | undefined;
}

/** The page in a body, or why it is none: a code and a sentence. */
export function pageOf(text: string): Page | { readonly code: string; readonly problem: string } {
  if (nestingOf(text) > MAX_NESTING)
    return { code: 'too_deep', problem: `its JSON is nested more than ${MAX_NESTING} levels deep` };
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { code: 'not_json', problem: 'it is not JSON' };
  }
  if (typeof body !== 'object' || body === null || !Array.isArray((body as { events?: unknown }).events))
    return { code: 'no_events', problem: 'it has no array `events`' };
  const { data, error } = page.safeParse(body);
  if (!error) return { events: data.events, nextCursor: data.nextCursor ?? undefined };
  const [issue] = error.issues;
  return { code: 'bad_page', problem: `\`${placeOf(issue?.path ?? [])}\` is not as it must be` };
}

/** `events[3].type`; names that the endpoint chose are left out. */
const placeOf = (path: readonly PropertyKey[]): string =>
  path
    .slice(0, 3)
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .slice(1);
