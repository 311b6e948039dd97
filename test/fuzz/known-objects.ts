import type { Segment } from './call.js';
import type { Operation } from './document.js';

export type Read = (path: string) => Promise<Response>;

/** Of the objects of a list only so many are looked into for lists inside them. */
const LOOKED_INTO = 3;
const PARAMETER = /^\{.+\}$/;

/** The objects that exist, by the path of their list: `/v1/keys`, `/api/v0/projects/shop/connections`. */
export class KnownObjects {
  private readonly lists = new Map<string, readonly string[]>();
  /** Paths before a parameter. */
  private readonly templates: readonly string[];

  /** @param spared ids and names that no call is to use: without these objects no further call could be made */
  constructor(
    operations: readonly Operation[],
    private readonly spared: ReadonlySet<string>,
  ) {
    const before = operations.flatMap(({ path }) => {
      const parts = path.split('/');
      return parts.flatMap((part, index) => (PARAMETER.test(part) ? [parts.slice(0, index).join('/')] : []));
    });
    this.templates = [...new Set(before)].toSorted((a, b) => a.length - b.length);
  }

  /** Reads all lists again. */
  async refresh(read: Read): Promise<void> {
    for (const template of this.templates)
      for (const path of this.pathsOf(template)) {
        const response = await read(path);
        // Not every path before a parameter is that of a list.
        const list = response.ok ? itemsOf(await response.json()) : undefined;
        if (list !== undefined)
          this.lists.set(
            path,
            list.filter((name) => !this.spared.has(name)),
          );
      }
  }

  /** Objects that are in no list. */
  add(path: string, ...names: string[]): void {
    if (names.length > 0) this.lists.set(path, [...(this.lists.get(path) ?? []), ...names]);
  }

  /** The path of a call, now. */
  pathOf(segments: readonly Segment[]): string {
    return segments.reduce((path, segment) => {
      if ('text' in segment) return `${path}/${segment.text}`;
      const names = this.lists.get(path) ?? [];
      return `${path}/${encodeURIComponent(names[segment.known % names.length] ?? 'none')}`;
    }, '');
  }

  private pathsOf(template: string): string[] {
    return template
      .split('/')
      .slice(1)
      .reduce<string[]>(
        (paths, part) =>
          paths.flatMap((path) => {
            if (!PARAMETER.test(part)) return [`${path}/${part}`];
            return (this.lists.get(path) ?? [])
              .slice(0, LOOKED_INTO)
              .map((name) => `${path}/${encodeURIComponent(name)}`);
          }),
        [''],
      );
  }
}

function itemsOf(body: unknown): string[] | undefined {
  const list = Array.isArray(body) ? body : (body as { data?: unknown } | undefined)?.data;
  if (!Array.isArray(list)) return undefined;
  return (list as { id?: unknown; name?: unknown }[])
    .map(({ id, name }) => id ?? name)
    .filter((name) => typeof name === 'string');
}
