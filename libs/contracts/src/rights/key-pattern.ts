/** What a word in braces stands for, as a regular expression. */
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  partition: '[0-9]+',
  dataplane: '[a-z0-9-]+',
  reader: '[A-Za-z0-9._:/-]+',
  id: '[0-9A-Za-z-]+',
  delay: '[0-9]+s',
};

/**
 * A routing key, a binding key or the name of a queue, as a regular expression that RabbitMQ and JavaScript read alike and that is to match
 * the whole text. `{partition}`, `{dataplane}`, `{reader}`, `{id}` and `{delay}` stand for themselves, a last `#` for any further text. Every other
 * character stands for itself, also the `*` of a binding key.
 * @throws Error for another word in braces
 */
export function patternOf(template: string): string {
  if (template === '#') return '.*';
  const [, fixed = template, rest] = /^(.*)\.(#)$/.exec(template) ?? [];
  const pattern = fixed.replaceAll(/\{(\w+)\}|[.*]/g, (found: string, name?: string) => {
    if (name === undefined) return `[${found}]`;
    const placeholder = PLACEHOLDERS[name];
    if (placeholder === undefined) throw new Error(`no placeholder is named ${name}`);
    return placeholder;
  });
  return rest === undefined ? pattern : `${pattern}[.].+`;
}

/** Matches what one of the templates describes, and nothing for no template. */
export function anyPatternOf(templates: readonly string[]): RegExp {
  return new RegExp(sourceOfAny(templates));
}

/** The same as text: RabbitMQ takes an empty one for a pattern that the empty key matches. */
export const sourceOfAny = (templates: readonly string[]): string =>
  templates.length === 0 ? '(?!)' : `^(${[...new Set(templates.map(patternOf))].join('|')})$`;
