import { z } from 'zod';

/** What JSON can say. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [member: string]: JsonValue };

export const jsonValue: z.ZodType<JsonValue> = z
  .lazy(() =>
    z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(jsonValue), z.record(z.string(), jsonValue)]),
  )
  .describe('Any JSON value');

/** A JSON object. */
export type Members = { [member: string]: JsonValue };

/** Whether parsed JSON is an object, and no array or null. */
export const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
