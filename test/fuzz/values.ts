import fc from 'fast-check';
import { resolve, type OpenApiDocument, type Schema } from './document.js';
import { oddTexts, oddValue } from './odd-values.js';

/** Of a schema that contains itself only so much is made. */
const DEEPEST = 5;
const YEAR_MS = 365 * 86_400_000;

/** Values for the schemas of a document: most of them valid, each part of them sometimes not. */
export class Values {
  constructor(private readonly document: OpenApiDocument) {}

  of(schema: Schema, depth = 0): fc.Arbitrary<unknown> {
    if (depth > DEEPEST) return oddValue;
    return fc.oneof({ weight: 80, arbitrary: this.fitting(schema, depth) }, { weight: 1, arbitrary: oddValue });
  }

  private fitting(referring: Schema, depth: number): fc.Arbitrary<unknown> {
    const schema = resolve<Schema>(this.document, referring);
    if ('const' in schema) return fc.constant(schema['const']);
    if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]));
    const ways = (schema['anyOf'] ?? schema['oneOf']) as Schema[] | undefined;
    if (ways !== undefined) return fc.oneof(...ways.map((way) => this.of(way, depth)));
    if (Array.isArray(schema['allOf'])) return this.all(schema['allOf'] as Schema[], depth);
    if (Array.isArray(schema['type']))
      return fc.oneof(...(schema['type'] as string[]).map((type) => this.typed({ ...schema, type }, depth)));
    return this.typed(schema, depth);
  }

  private typed(schema: Schema, depth: number): fc.Arbitrary<unknown> {
    switch (schema['type']) {
      case 'string':
        return text(schema);
      case 'integer':
        return number(schema, (range) => fc.integer(range));
      case 'number':
        return number(schema, ({ min, max }) => fc.double({ min, max, noNaN: true }));
      case 'boolean':
        return fc.boolean();
      case 'null':
        return fc.constant(null);
      case 'array':
        return this.list(schema, depth);
      default:
        return this.object(schema, depth);
    }
  }

  private list({ items = {}, minItems = 0, maxItems = 5 }: Schema, depth: number): fc.Arbitrary<unknown> {
    const [least, most] = [Number(minItems), Number(maxItems)];
    const arbitrary = this.of(items as Schema, depth + 1);
    return fc.oneof(
      {
        weight: 20,
        arbitrary: fc.array(arbitrary, { minLength: least, maxLength: Math.max(least, Math.min(most, 5)) }),
      },
      { weight: 1, arbitrary: fc.array(arbitrary, { minLength: most + 1, maxLength: most + 1 }) },
    );
  }

  private object({ properties = {}, required = [] }: Schema, depth: number): fc.Arbitrary<unknown> {
    const members = Object.entries(properties as Record<string, Schema>);
    const arbitraries = Object.fromEntries(members.map(([name, schema]) => [name, this.of(schema, depth + 1)]));
    const whole = record(arbitraries, required as string[]);
    const further = fc.tuple(whole, fc.constantFrom('unknown', '__proto__', 'id', ''), oddValue);
    return fc.oneof(
      { weight: 30, arbitrary: whole },
      { weight: 1, arbitrary: record(arbitraries, []) },
      // A member of any name, `__proto__` too, as a parser makes it.
      {
        weight: 1,
        arbitrary: further.map(([made, name, value]) => Object.fromEntries([...Object.entries(made), [name, value]])),
      },
    );
  }

  private all(parts: Schema[], depth: number): fc.Arbitrary<unknown> {
    const made = fc.tuple(...parts.map((part) => this.fitting(part, depth)));
    return made.map((values) => Object.assign({}, ...values) as unknown);
  }
}

/** With each of the other members in every second value. */
export function record<T>(
  members: Record<string, fc.Arbitrary<T>>,
  required: readonly string[],
): fc.Arbitrary<Record<string, T>> {
  const model = Object.fromEntries(
    Object.entries(members).map(([name, arbitrary]) => [
      name,
      required.includes(name) ? arbitrary : fc.option(arbitrary, { nil: undefined, freq: 1 }),
    ]),
  );
  return fc
    .record(model)
    .map(
      (made) =>
        Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)) as Record<string, T>,
    );
}

function text({ minLength, maxLength, pattern, format }: Schema): fc.Arbitrary<string> {
  const borders = [minLength, maxLength]
    .filter((length) => typeof length === 'number')
    .flatMap((length) => [length - 1, length, length + 1])
    .filter((length) => length >= 0 && length < 100_000)
    .map((length) => 'x'.repeat(length));
  return fc.oneof(
    { weight: 20, arbitrary: plainText(pattern, format) },
    { weight: 1, arbitrary: fc.constantFrom(...oddTexts, ...borders) },
  );
}

function plainText(pattern: unknown, format: unknown): fc.Arbitrary<string> {
  if (format === 'date-time') {
    const around = { min: new Date(Date.now() - YEAR_MS), max: new Date(Date.now() + YEAR_MS), noInvalidDate: true };
    return fc.date(around).map((date) => date.toISOString());
  }
  // fast-check knows neither classes by property nor assertions: of a pattern with those any text is made.
  if (typeof pattern === 'string' && !/\\p\{|\(\?[=!<]/.test(pattern)) return fc.stringMatching(new RegExp(pattern));
  return fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
}

interface Range {
  min: number;
  max: number;
}

function number(schema: Schema, within: (range: Range) => fc.Arbitrary<number>): fc.Arbitrary<unknown> {
  const min = Math.max(Number(schema['minimum'] ?? -1_000), -2_147_483_648);
  const max = Math.max(min, Math.min(Number(schema['maximum'] ?? 1_000), 2_147_483_647));
  return fc.oneof(
    { weight: 20, arbitrary: within({ min, max }) },
    { weight: 1, arbitrary: fc.constantFrom<unknown>(min - 1, min, max, max + 1, min + 0.5, String(min)) },
  );
}
