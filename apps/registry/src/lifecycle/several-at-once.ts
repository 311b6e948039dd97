/** Packages that are read at once: most of the time is spent waiting, for a disk or for a repository. */
const AT_ONCE = 16;

/** Does something with each item, some at a time, and begins no more once the signal says so. Rejects with the first failure. */
export async function severalAtOnce<Item>(items: readonly Item[], signal: AbortSignal, act: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items].toReversed();
  const worker = async (): Promise<void> => {
    for (let item = waiting.pop(); item !== undefined && !signal.aborted; item = waiting.pop()) await act(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
