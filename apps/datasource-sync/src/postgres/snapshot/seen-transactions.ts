/** More than a server with thousands of connections has. */
const MOST_OPEN = 5_000;
const SNAPSHOT = /^(\d{1,20}):(\d{1,20}):((?:\d{1,20},?)*)$/;

/** Which of the committed transactions a snapshot shows. https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-PG-SNAPSHOT-PARTS */
export class SeenTransactions {
  private constructor(
    /** All below it had ended. */
    private readonly oldest: bigint,
    /** None from it on had begun. */
    private readonly next: bigint,
    private readonly open: ReadonlySet<bigint>,
  ) {}

  /** @returns undefined where it is no snapshot, or an endless one */
  static parse(text: string): SeenTransactions | undefined {
    const [, oldest, next, open = ''] = SNAPSHOT.exec(text) ?? [];
    const ids = open.split(',').filter((id) => id !== '');
    if (oldest === undefined || next === undefined || ids.length > MOST_OPEN) return undefined;
    return new SeenTransactions(BigInt(oldest), BigInt(next), new Set(ids.map(BigInt)));
  }

  /** `xid`: its lower 32 bits, as the WAL has it. They are those of the one that is nearest to the snapshot. */
  has(xid: number): boolean {
    const id = this.next + BigInt.asIntN(32, BigInt(xid) - this.next);
    return id < this.next && (id < this.oldest || !this.open.has(id));
  }
}
