/** Whether two values are equal as JSON: the order of members does not count, a member that is undefined is absent. */
export function jsonEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, at) => jsonEqual(item, right[at]));
  }
  const a = left as Record<string, unknown>;
  const b = right as Record<string, unknown>;
  // Own members only: a `toString` in one object must not be compared with the prototype's in the other.
  const member = (object: Record<string, unknown>, key: string) =>
    Object.hasOwn(object, key) ? object[key] : undefined;
  return (
    Object.keys(a).every((key) => jsonEqual(a[key], member(b, key))) &&
    Object.keys(b).every((key) => b[key] === undefined || member(a, key) !== undefined)
  );
}
