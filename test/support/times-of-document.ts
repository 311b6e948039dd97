interface Schema {
  readonly $ref?: string;
  readonly type?: string | string[];
  readonly format?: string;
  readonly properties?: Record<string, Schema>;
  readonly [keyword: string]: unknown;
}

interface Operation {
  readonly tags: readonly string[];
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: Schema }> }>;
}

/** An OpenAPI document, as far as its times are concerned. */
export interface TimesDocument {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Schema> };
}

const IS_TIME = /^(at|deadline|timestamp|.*_at|.*_timestamp|.*_since)$/;

/** The forms of times in the successful answers of each tag: the type of each member whose name is that of a time. */
export function timesByTag({ paths, components }: TimesDocument): Map<string, string[]> {
  const forms = new Map<string, Set<string>>();
  for (const { tags, responses } of Object.values(paths).flatMap((item) => Object.values(item)))
    for (const [status, { content = {} }] of Object.entries(responses)) {
      if (!status.startsWith('2')) continue;
      for (const { schema } of Object.values(content))
        for (const form of formsIn(schema, components.schemas, new Set()))
          for (const tag of tags) forms.set(tag, (forms.get(tag) ?? new Set()).add(form));
    }
  return new Map([...forms].map(([tag, each]) => [tag, [...each].toSorted()]));
}

function* formsIn(schema: Schema, named: Record<string, Schema>, seen: Set<string>): Generator<string> {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1)!;
    if (!seen.has(name)) yield* formsIn(named[name]!, named, seen.add(name));
    return;
  }
  for (const [name, member] of Object.entries(schema.properties ?? {}))
    if (IS_TIME.test(name)) yield* timeForms(member);
  for (const part of Object.values(schema))
    if (typeof part === 'object' && part !== null) yield* formsIn(part as Schema, named, seen);
}

/** A time may be null, or one of several schemas. */
function* timeForms({ type, format, anyOf = [], oneOf = [] }: Schema): Generator<string> {
  for (const each of [anyOf, oneOf].flat() as Schema[]) yield* timeForms(each);
  for (const each of [type ?? []].flat()) if (each !== 'null') yield [each, format].filter(Boolean).join(' ');
}
