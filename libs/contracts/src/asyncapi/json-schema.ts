import { z } from 'zod';
import { isMembers, type JsonValue } from '../json.js';

/**
 * A zod schema as the JSON Schema (draft 7) of what a sender may send. The only type that refers to itself is any JSON: it becomes
 * the empty schema, because a reference would be looked for in the whole document.
 */
export function jsonSchemaOf(schema: z.ZodType): JsonValue {
  const {
    $schema: _,
    definitions: __,
    ...rest
  } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
  });
  return JSON.parse(JSON.stringify(rest), (_key, value: unknown) =>
    isMembers(value) && typeof value['$ref'] === 'string' ? {} : value,
  ) as JsonValue;
}
