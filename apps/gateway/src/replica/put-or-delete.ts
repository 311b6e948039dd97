/** What a change of a stream means for a map: a value takes the place of the one before, and none removes it. */
export function putOrDelete<Value>(map: Map<string, Value>, key: string, value: Value | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}
