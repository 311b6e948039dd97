/** The entries of a collection by a group that follows from their value. */
export class CollectionIndex<Value> {
  private groups = new Map<string, Map<string, Value>>();

  constructor(readonly groupOf: (value: Value) => string) {}

  /** The entries of a group; none for an unknown group. */
  get(group: string): Iterable<Value> {
    return this.groups.get(group)?.values() ?? [];
  }

  size(group: string): number {
    return this.groups.get(group)?.size ?? 0;
  }

  /** Any entry of a group; for groups of one. */
  first(group: string): Value | undefined {
    const [first] = this.get(group);
    return first;
  }

  add(key: string, value: Value): void {
    const name = this.groupOf(value);
    const group = this.groups.get(name) ?? new Map<string, Value>();
    this.groups.set(name, group.set(key, value));
  }

  remove(key: string, value: Value): void {
    const name = this.groupOf(value);
    const group = this.groups.get(name);
    if (group?.delete(key) && group.size === 0) this.groups.delete(name);
  }

  /** Shows the entries of another index, which is not to be used from then on. */
  takeOver(other: CollectionIndex<Value>): void {
    this.groups = other.groups;
  }
}
