export interface SizeLimits {
  readonly maxItems: number;
  /** Of all items of a group together. One that alone is larger gets a group to itself. */
  readonly maxBytes: number;
}

/** Cuts items into groups in their order; none for no items. */
export function* cutBySize<Item>(
  items: readonly Item[],
  bytesOf: (item: Item) => number,
  { maxItems, maxBytes }: SizeLimits,
): Generator<Item[], void, undefined> {
  let group: Item[] = [];
  let room = maxBytes;
  for (const item of items) {
    const bytes = bytesOf(item);
    if (group.length > 0 && (group.length >= maxItems || bytes > room)) {
      yield group;
      group = [];
      room = maxBytes;
    }
    group.push(item);
    room -= bytes;
  }
  if (group.length > 0) yield group;
}
