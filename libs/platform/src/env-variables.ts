import { z } from 'zod';

/** The documentation of a variable that a service reads. */
export interface EnvVariable {
  readonly name: string;
  /** Its valid values, in words. */
  readonly values: string;
  /** Undefined if there is none: see `required`. */
  readonly default: string | undefined;
  readonly required: boolean;
  readonly meaning: string;
  /** Whether it may be given as a file: see `envSecret`. */
  readonly secret: boolean;
}

/** The member of a schema's metadata that marks a secret. */
const SECRET = 'secret';

/** The variable is a secret, or contains one: its value may be in a file, which `<name>_FILE` names, so that no environment has it. */
export const envSecret = <Schema extends z.ZodType>(schema: Schema): Schema =>
  schema.meta({ ...schema.meta(), [SECRET]: true }) as Schema;

/**
 * The variables of a configuration schema. The meaning is the schema's description. `values` and `default_text` of its metadata
 * replace the derived texts: for rules that exist only in code, and for a default that depends on the machine.
 */
export function envVariables(schema: z.ZodType): EnvVariable[] {
  return Object.entries(shapeOf(schema)).map(([name, variable]) => describeVariable(name, variable));
}

/** The schema of a variable of a configuration schema. */
export const memberOf = (schema: z.ZodType, name: string): z.ZodType => shapeOf(schema)[name]!;

function shapeOf(schema: z.ZodType): Record<string, z.ZodType> {
  if (schema instanceof z.ZodObject) return schema.shape as Record<string, z.ZodType>;
  if (schema instanceof z.ZodPipe) return shapeOf(schema.in as z.ZodType);
  throw new Error(`A configuration schema is an object or a transformed object, not ${schema.type}`);
}

function describeVariable(name: string, variable: z.ZodType): EnvVariable {
  const layers = layersOf(variable);
  const meta = (member: string): string | undefined =>
    layers.map((layer) => layer.meta()?.[member] as string | undefined).find((text) => text !== undefined);
  const secret = layers.some((layer) => layer.meta()?.[SECRET] === true);
  const withDefault = layers.find((layer) => layer instanceof z.ZodDefault);
  return {
    name,
    values: meta('values') ?? valuesOf(layers.at(-1)!),
    default: meta('default_text') ?? (withDefault && defaultText(withDefault.def.defaultValue)),
    required: !layers.some((layer) => layer instanceof z.ZodDefault || layer instanceof z.ZodOptional),
    meaning: meta('description') ?? '',
    secret,
  };
}

/** The schema, then the schemas that it wraps, from the outer to the inner one. */
function layersOf(schema: z.ZodType): z.ZodType[] {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) {
    return [schema, ...layersOf(schema.unwrap() as z.ZodType)];
  }
  if (schema instanceof z.ZodPipe) return [schema, ...layersOf(schema.in as z.ZodType)];
  return [schema];
}

function valuesOf(schema: z.ZodType): string {
  if (schema instanceof z.ZodEnum) return schema.options.join(', ');
  if (schema instanceof z.ZodString && schema.maxLength !== null) return `text, at most ${schema.maxLength} characters`;
  return 'text';
}

/** Undefined for an empty default: an empty text or list. */
function defaultText(value: unknown): string | undefined {
  const text = String(value);
  return text === '' ? undefined : text;
}
