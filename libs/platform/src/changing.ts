/** A value, or how to get that of now: for what may change while the process runs, as a password does. */
export type Changing<Value> = Value | (() => Value);

/** @param value of no type that is itself a function */
export const valueNow = <Value extends string | object>(value: Changing<Value>): Value =>
  typeof value === 'function' ? (value as () => Value)() : value;
