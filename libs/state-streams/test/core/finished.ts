/** What a generator returns, without a pause. */
export function finished<Result>(generator: Generator<void, Result, undefined>): Result {
  for (;;) {
    const { done, value } = generator.next();
    if (done === true) return value;
  }
}
