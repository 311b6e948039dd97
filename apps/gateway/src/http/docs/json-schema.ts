import { componentName, components } from '@signalbox/contracts/openapi';
import { z } from 'zod';

type OpenApiSchema = Record<string, unknown>;

interface Converted {
  readonly zodSchema: z.core.$ZodType;
  readonly jsonSchema: z.core.JSONSchema.BaseSchema;
}

/** What is known of schemas besides what they accept, and the names that they have in the document. */
class NamedSchemas extends z.core.$ZodRegistry<Record<string, unknown>> {
  override get(schema: z.core.$ZodType): Record<string, unknown> | undefined {
    const name = componentName(schema as z.ZodType);
    const known = z.globalRegistry.get(schema);
    return name === undefined ? known : { ...known, id: name };
  }
}

const named = new NamedSchemas();

/**
 * A zod schema as OpenAPI 3.1 has it: JSON Schema 2020-12, which refers to named schemas.
 * @param io whether clients send it (`input`) or get it
 */
export function openApiSchema(schema: z.ZodType, io: 'input' | 'output' = 'input'): OpenApiSchema {
  const { $defs: _, ...rest } = convert(schema, io);
  return rest;
}

/** All named schemas, for the components of the document. */
export function namedSchemas(): Record<string, OpenApiSchema> {
  return Object.fromEntries(
    Object.entries(components).map(([name, { schema, io, example }]) => {
      const described = convert(schema, io).$defs?.[name];
      return [name, { ...described, ...(example !== undefined && { examples: [example] }) }];
    }),
  );
}

function convert(schema: z.ZodType, io: 'input' | 'output'): OpenApiSchema & { $defs?: Record<string, OpenApiSchema> } {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, metadata: named, override: makeReadable });
  return JSON.parse(JSON.stringify(rest).replaceAll('"#/$defs/', '"#/components/schemas/'));
}

/** Leaves out what says no more than the rest: the pattern of a format, and the borders of exact integers. */
function makeReadable({ zodSchema, jsonSchema }: Converted): void {
  const { pattern, format, maximum, minimum } = jsonSchema;
  // Any value: the type that generators make of a schema that contains itself does not compile.
  if (componentName(zodSchema as z.ZodType) === 'JsonValue') delete jsonSchema.anyOf;
  // Not every language knows Unicode classes in patterns; only text without control characters has them.
  if (format !== undefined || pattern?.includes('\\p{') === true) delete jsonSchema.pattern;
  if (maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
}
