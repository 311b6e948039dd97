/** How many times more than needed are kept before they are sorted: the more, the rarer, and the larger the memory. */
const SPARE = 4;

/** The first ones, in an order, of any number of items. Keeps a few times as many as are wanted. */
export class FirstOnes<Item> {
  private kept: Item[] = [];
  /** The last of the first ones, once there are as many as are wanted. */
  private last: Item | undefined;

  constructor(
    private readonly most: number,
    private readonly compare: (a: Item, b: Item) => number,
  ) {}

  add(item: Item): void {
    if (this.last !== undefined && this.compare(item, this.last) > 0) return;
    this.kept.push(item);
    if (this.kept.length >= this.most * SPARE) this.reduce();
  }

  /** In their order. */
  result(): readonly Item[] {
    this.reduce();
    return this.kept;
  }

  private reduce(): void {
    this.kept = this.kept.sort(this.compare).slice(0, this.most);
    if (this.kept.length === this.most) this.last = this.kept.at(-1);
  }
}
