/**
 * Ids ordered by time, the earliest first: a binary heap of two arrays, which takes a quarter of the memory of one with an object for each entry. An id
 * may be queued more than once.
 */
export class DeadlineQueue {
  private readonly times: number[] = [];
  private readonly ids: string[] = [];

  /** The earliest time; undefined: the queue is empty. */
  get time(): number | undefined {
    return this.times[0];
  }

  /** The id with the earliest time. */
  get id(): string | undefined {
    return this.ids[0];
  }

  push(time: number, id: string): void {
    let at = this.times.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.times[parent]! <= time) break;
      this.move(parent, at);
      at = parent;
    }
    this.times[at] = time;
    this.ids[at] = id;
  }

  /** Removes the entry with the earliest time. */
  pop(): void {
    const time = this.times.pop();
    const id = this.ids.pop();
    const { length } = this.times;
    if (time === undefined || id === undefined || length === 0) return;
    let at = 0;
    for (let child = 1; child < length; child = 2 * at + 1) {
      if (child + 1 < length && this.times[child + 1]! < this.times[child]!) child += 1;
      if (this.times[child]! >= time) break;
      this.move(child, at);
      at = child;
    }
    this.times[at] = time;
    this.ids[at] = id;
  }

  private move(from: number, to: number): void {
    this.times[to] = this.times[from]!;
    this.ids[to] = this.ids[from]!;
  }
}
