/** What waits, by caller. Callers take turns, whatever each has given; what one caller gave leaves in its order. */
export class FairQueue<Item> {
  /** The caller whose turn is next comes first. */
  private readonly waiting = new Map<string | undefined, Item[]>();
  private count = 0;

  get length(): number {
    return this.count;
  }

  lengthOf(caller: string | undefined): number {
    return this.waiting.get(caller)?.length ?? 0;
  }

  add(caller: string | undefined, item: Item): void {
    const own = this.waiting.get(caller);
    if (own) own.push(item);
    else this.waiting.set(caller, [item]);
    this.count += 1;
  }

  /** False where it does not wait any more. */
  remove(caller: string | undefined, item: Item): boolean {
    const own = this.waiting.get(caller) ?? [];
    const at = own.indexOf(item);
    if (at === -1) return false;
    own.splice(at, 1);
    if (own.length === 0) this.waiting.delete(caller);
    this.count -= 1;
    return true;
  }

  /**
   * Takes out the newest item of the caller with the most of them, where that has more than one more than this caller: so a caller with
   * little finds room in a full queue.
   */
  takeFromLongest(caller: string | undefined): Item | undefined {
    const [longest, own] = [...this.waiting].reduce<[string | undefined, Item[]]>(
      (most, each) => (each[1].length > most[1].length ? each : most),
      [undefined, []],
    );
    if (own.length <= this.lengthOf(caller) + 1) return undefined;
    const item = own[own.length - 1]!;
    this.remove(longest, item);
    return item;
  }

  /** Takes out the next item of the callers that may have one now; undefined where there is none. */
  take(mayHave: (caller: string | undefined) => boolean): Item | undefined {
    for (const [caller, own] of this.waiting) {
      if (!mayHave(caller)) continue;
      const item = own.shift();
      this.waiting.delete(caller);
      if (own.length > 0) this.waiting.set(caller, own);
      this.count -= 1;
      return item;
    }
    return undefined;
  }
}
