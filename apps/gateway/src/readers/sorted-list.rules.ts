/** So many that there are few parts, and so few that one more is inserted in about a microsecond. */
const PART_SIZE = 1_024;

/** Items in the order of their places, of which one is inserted or removed at a time. No two have the same place. */
export class SortedList<Place, Item extends Place = Place> {
  /** None is empty. */
  private readonly parts: Item[][] = [];

  constructor(private readonly compare: (a: Place, b: Place) => number) {}

  /** Inserts the item, or replaces the one at its place. */
  put(item: Item): void {
    const at = Math.min(this.partOf(item), this.parts.length - 1);
    const part = this.parts[at];
    if (part === undefined) return void this.parts.push([item]);
    const index = this.indexIn(part, item);
    const isKnown = index < part.length && this.compare(part[index]!, item) === 0;
    part.splice(index, isKnown ? 1 : 0, item);
    if (part.length > PART_SIZE) this.parts.splice(at + 1, 0, part.splice(PART_SIZE / 2));
  }

  /** Removes the item at this place, where there is one. */
  remove(place: Place): void {
    const at = this.partOf(place);
    const part = this.parts[at];
    if (part === undefined) return;
    const index = this.indexIn(part, place);
    if (this.compare(part[index]!, place) !== 0) return;
    part.splice(index, 1);
    if (part.length === 0) this.parts.splice(at, 1);
  }

  /** What comes after the place, or all. The list must not change meanwhile. */
  *after(place: Place | undefined): Generator<Item> {
    const first = place === undefined ? 0 : this.partOf(place);
    for (let at = first; at < this.parts.length; at += 1) {
      const part = this.parts[at]!;
      let index = at === first && place !== undefined ? this.indexIn(part, place) : 0;
      if (index < part.length && place !== undefined && this.compare(part[index]!, place) === 0) index += 1;
      for (; index < part.length; index += 1) yield part[index]!;
    }
  }

  /** What comes before the place, or all, the last one first. The list must not change meanwhile. */
  *before(place: Place | undefined): Generator<Item> {
    const last = place === undefined ? this.parts.length : this.partOf(place);
    for (let at = Math.min(last, this.parts.length - 1); at >= 0; at -= 1) {
      const part = this.parts[at]!;
      const end = at === last && place !== undefined ? this.indexIn(part, place) : part.length;
      for (let index = end - 1; index >= 0; index -= 1) yield part[index]!;
    }
  }

  /** The first part whose last item is not before the place; the number of parts where there is none. */
  private partOf(place: Place): number {
    return firstOf(this.parts.length, (at) => this.compare(this.parts[at]!.at(-1)!, place) >= 0);
  }

  /** The first item of the part that is not before the place; the size of the part where there is none. */
  private indexIn(part: readonly Item[], place: Place): number {
    return firstOf(part.length, (index) => this.compare(part[index]!, place) >= 0);
  }
}

/** The first of so many numbers for which the test holds, as it does for all after it; `count` where it holds for none. */
function firstOf(count: number, test: (index: number) => boolean): number {
  let [from, to] = [0, count];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (test(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}
