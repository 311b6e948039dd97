/** A map whose keys come from outside: without a prototype, so that a reader may be called `__proto__`. */
export const emptyMap = <Value>(): Record<string, Value> => Object.create(null) as Record<string, Value>;
